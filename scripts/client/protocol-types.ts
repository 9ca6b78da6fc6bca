import * as z from 'zod'
import * as agent from '#shared/protocol/agent.ts'
import { agentHealthSchema } from '#shared/protocol/agent-health.ts'
import { AGENT_VERBS } from '#shared/protocol/agent-lifecycle.ts'
import * as deadLetter from '#shared/protocol/dead-letter.ts'
import { batchResultSchema, publishMessageSchema } from '#shared/protocol/envelope.ts'
import * as execution from '#shared/protocol/execution.ts'
import { LIFECYCLE_EVENT_TYPES } from '#shared/protocol/lifecycle-event.ts'
import { errorCodeSchema, failureSchema, fieldErrorSchema } from '#shared/protocol/problem.ts'
import { clientFrameSchema, serverFrameSchema } from '#shared/protocol/socket-frame.ts'
import * as event from '#shared/protocol/stream-event.ts'
import { TERMINAL_EVENT_TYPES } from '#shared/protocol/terminal-events.ts'
import { type JsonSchema, typeText } from './type-text.ts'

/** Types of the protocol that stand in the client's declarations, by what they are inferred from there. */
const OUTPUTS: Readonly<Record<string, z.ZodType>> = {
  Agent: agent.agentSchema,
  AgentHealth: agentHealthSchema,
  AgentVerb: z.enum(AGENT_VERBS),
  BatchResult: batchResultSchema,
  ClientFrame: clientFrameSchema,
  DeadLetter: deadLetter.deadLetterSchema,
  DeadLetterFilter: deadLetter.deadLetterFilterSchema,
  DeadLetterList: deadLetter.deadLetterListSchema,
  ErrorCode: errorCodeSchema,
  Execution: execution.executionSchema,
  ExecutionAccepted: execution.executionAcceptedSchema,
  ExecutionEvent: event.executionEventSchema,
  ExecutionList: execution.executionListSchema,
  ExecutionStatus: z.enum(execution.EXECUTION_STATUSES),
  FactEvent: event.factEventSchema,
  Failure: failureSchema,
  FieldError: fieldErrorSchema,
  LifecycleEventType: z.enum(LIFECYCLE_EVENT_TYPES),
  PublishMessage: publishMessageSchema,
  SelectDeadLetters: deadLetter.selectDeadLettersSchema,
  ServerFrame: serverFrameSchema,
  StopPolicy: agent.stopAgentSchema.shape.policy,
  StreamEvent: event.streamEventSchema,
  TerminalEventType: z.enum(TERMINAL_EVENT_TYPES),
  TopicEvent: event.topicEventSchema,
  Usage: event.usageSchema,
}
/** The same, as a caller writes them: defaults may be left out. */
const INPUTS: Readonly<Record<string, z.ZodType>> = { AgentDefinition: agent.createAgentSchema }

const JSON_TYPE = 'export type Json = string | number | boolean | null | Json[] | { [name: string]: Json }'

/**
 * Declarations of types of the protocol that do not need zod.
 *
 * @throws Error for a name that is not known here
 */
export function protocolDeclarations(names: Iterable<string>): string {
  const types = [...new Set(names)].sort().map((name) => `export type ${name} = ${declaration(name)}`)
  return `${[JSON_TYPE, ...types].join('\n')}\n`
}

function declaration(name: string): string {
  const schema = OUTPUTS[name] ?? INPUTS[name]
  if (!schema) throw new Error(`the client's declarations name "${name}", for which no schema is known`)
  const io = name in INPUTS ? 'input' : 'output'
  // Transforms and dates have no JSON; the protocol has none in what travels.
  return typeText(z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' }) as JsonSchema)
}
