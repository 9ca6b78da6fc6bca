import type { AnswerRequest } from '#shared/executions/answerer.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { llmCallerOf } from '#shared/executions/llm-caller-of.ts'
import { agentArtifacts } from './agent-artifacts.ts'
import { agentCheckpoint, effectsBefore } from './agent-checkpoint.ts'
import type { AgentContext, IncomingMessage } from './agent-context.ts'
import { agentConversation } from './agent-conversation.ts'
import type { AgentDefinition } from './agent-definition.ts'
import type { AgentDependencies } from './agent-dependencies.ts'
import { agentFetch } from './agent-fetch.ts'
import { agentLlm } from './agent-llm.ts'
import { agentLogger } from './agent-logger.ts'
import { agentMessages } from './agent-messages.ts'
import { agentStream } from './agent-stream.ts'
import { trackEffects } from './effects.ts'

/**
 * The context of one attempt.
 *
 * @returns `settle` too: waits for everything that the code has begun, and throws what of it failed
 */
export function makeContext(
  definition: AgentDefinition,
  dependencies: AgentDependencies,
  { record, attempt, writer, checkpoints, deadline, signal, addUsage }: AnswerRequest,
): { context: AgentContext; settle(): Promise<void> } {
  const { tenant, executionId, agentId } = record
  const effects = trackEffects(effectsBefore(checkpoints), signal)
  const { check, ...stream } = agentStream(writer, signal)
  const { providers, artifacts, allowPrivateAddresses, logger } = dependencies
  const context: AgentContext = {
    agentId,
    tenant,
    executionId,
    attempt,
    message: messageOf(record),
    llm: agentLlm({
      providers,
      settings: definition.llm,
      overrides: record.llm,
      caller: llmCallerOf(record),
      stream,
      signal,
      addUsage,
    }),
    stream,
    ...agentMessages(dependencies, record, effects),
    conversation: agentConversation(dependencies, record, effects),
    checkpoint: agentCheckpoint(checkpoints, effects),
    artifacts: agentArtifacts(artifacts, record),
    fetch: agentFetch(allowPrivateAddresses, signal),
    logger: agentLogger(logger, { tenant, executionId, agentId, attempt }),
    signal,
    deadline: new Date(deadline),
  }
  const settle = async (): Promise<void> => {
    await effects.settle()
    check()
  }
  return { context, settle }
}

function messageOf(record: ExecutionRecord): IncomingMessage {
  const { messageId, executionId, type, topic, source, correlationId, replyTo, conversationId, priority } = record
  const { parentId, rootId, depth = 0, createdAt } = record
  return {
    id: messageId ?? executionId,
    type,
    topic,
    source,
    correlationId,
    replyTo,
    conversationId,
    priority,
    parentId,
    rootId,
    depth,
    time: createdAt,
  }
}
