import { memoryAgentStore } from '#shared/agents/memory-agent-store.ts'
import { memoryGates } from '#shared/agents/memory-gates.ts'
import { registerDeclaredAgent } from '#shared/agents/register-declared-agent.ts'
import { memoryConversationStore } from '#shared/conversations/memory-conversation-store.ts'
import { replyOnBus } from '#shared/events/reply-on-bus.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { hasEnded } from '#shared/executions/execution-status.ts'
import { memoryAdmissionStore } from '#shared/executions/memory-admission-store.ts'
import { memoryApprovalStore } from '#shared/executions/memory-approval-store.ts'
import { memoryExecutionStore } from '#shared/executions/memory-execution-store.ts'
import type { RunDependencies } from '#shared/executions/run.ts'
import { runExecution } from '#shared/executions/run-execution.ts'
import { startExecution } from '#shared/executions/start-execution.ts'
import type { LlmEvent } from '#shared/llm/llm-provider.ts'
import { type LlmScript, memoryLlmProviders } from '#shared/llm/memory-llm-providers.ts'
import { memoryArtifactStore } from '#shared/messaging/memory-artifact-store.ts'
import { type DeadLetter, memoryDeadLetterQueue } from '#shared/messaging/memory-dead-letter-queue.ts'
import { memoryMessageBus } from '#shared/messaging/memory-message-bus.ts'
import { memoryWorkQueue } from '#shared/messaging/memory-work-queue.ts'
import { newId } from '#shared/platform/ids.ts'
import { memoryLog } from '#shared/platform/log.ts'
import type { Envelope } from '#shared/protocol/envelope.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { callbackBudget } from '#shared/streams/callback-budget.ts'
import { executionRef } from '#shared/streams/channel-ref.ts'
import { memoryCallbackBudgetStore } from '#shared/streams/memory-callback-budget-store.ts'
import { memoryConnectionPoster } from '#shared/streams/memory-connection-poster.ts'
import { memoryConnectionTaskQueue } from '#shared/streams/memory-connection-task-queue.ts'
import { memoryStreamLog } from '#shared/streams/memory-stream-log.ts'
import { memorySubscriptionStore } from '#shared/streams/memory-subscription-store.ts'
import { agentAnswerer } from './agent-answerer.ts'
import type { AgentDefinition } from './agent-definition.ts'
import { declarationOf } from './define-agent.ts'

const TENANT = 'test'

/** Invocations of one execution: one that goes on for longer is no unit test. */
const MAX_INVOCATIONS = 100

export type AgentWorldOptions = {
  /** What the model says: the pieces of its one answer, or an answer for each call. @default one piece, `An answer.` */
  llm?: string[] | LlmScript
  /** Milliseconds that each invocation has. @default 900,000 */
  invocationMs?: number
  /** Whether `context.fetch` reaches private networks, as on the stage `local`. @default true */
  allowPrivateAddresses?: boolean
}

/** What of a message an agent may look at. */
export type MessageFields = Partial<
  Pick<
    ExecutionRecord,
    | 'executionId'
    | 'messageId'
    | 'type'
    | 'topic'
    | 'source'
    | 'correlationId'
    | 'replyTo'
    | 'conversationId'
    | 'priority'
    | 'depth'
    | 'rootId'
    | 'retry'
    | 'timeoutSeconds'
  >
>

/** What an execution came to. */
export type AgentRun = Pick<ExecutionRecord, 'status' | 'attempt' | 'error' | 'usage'> & {
  text: string
  /** What the code returned. */
  data: unknown
  events: StreamEvent[]
  /** What it published and sent, without the replies. */
  published: Envelope[]
  /** What whoever asked gets on the topic `replyTo`: what the code replied, and the end. */
  replies: Envelope[]
  deadLetters: DeadLetter[]
  /** Invocations that it took. */
  invocations: number
}

/**
 * Everything that an agent stands on, in memory: the runtime is the one that is deployed. What it remembers, stores and sends is there for
 * the next run.
 */
export function agentWorld(definition: AgentDefinition, options: AgentWorldOptions = {}) {
  const { llm = ['An answer.'], invocationMs = 900_000 } = options
  const clock = { skippedMs: 0, now: () => Date.now() + clock.skippedMs }
  const [log, gates, logger] = [memoryStreamLog(clock), memoryGates(), memoryLog()]
  const [bus, workQueue, deadLetters] = [memoryMessageBus(), memoryWorkQueue(), memoryDeadLetterQueue()]
  const agents = memoryAgentStore(gates)
  const executions = memoryExecutionStore({ log, gates })
  const admission = { executions, admission: memoryAdmissionStore({ executions, gates }), workQueue, clock }
  const providers = memoryLlmProviders(typeof llm === 'function' ? llm : saying(llm))
  const answerer = agentAnswerer(definition, {
    agents,
    providers,
    bus,
    deadLetters,
    conversations: memoryConversationStore(clock),
    artifacts: memoryArtifactStore(),
    allowPrivateAddresses: options.allowPrivateAddresses ?? true,
    clock,
    logger,
  })
  const dependencies: RunDependencies = {
    ...admission,
    agents,
    answerer,
    approvals: async () => memoryApprovalStore(executions.stored),
    log,
    subscriptions: memorySubscriptionStore(log),
    poster: memoryConnectionPoster(),
    callbackBudget: callbackBudget(memoryCallbackBudgetStore(), clock),
    connectionTasks: memoryConnectionTaskQueue(),
    logger,
    executionTimeoutMs: 300_000,
  }

  /** Handles work until it has ended, however many invocations that takes. Pauses between attempts are skipped. */
  async function handleAll(record: ExecutionRecord): Promise<{ ended: ExecutionRecord; invocations: number }> {
    for (let invocations = 1; invocations <= MAX_INVOCATIONS; invocations++) {
      const [item] = workQueue.sent.splice(0)
      if (item) {
        const startedAt = Date.now()
        await runExecution(dependencies, item, { remainingMs: () => startedAt + invocationMs - Date.now() })
      }
      const standing = await executions.get(record)
      if (standing && hasEnded(standing.status)) return { ended: standing, invocations }
      if (standing?.retryAt !== undefined) clock.skippedMs += Math.max(0, standing.retryAt - clock.now())
    }
    throw new Error(`the execution has not ended after ${MAX_INVOCATIONS} invocations`)
  }

  return {
    /** Lines that the runtime and the code have logged. */
    logs: logger.lines,
    /** What the model was asked. */
    llmCalls: providers.calls,
    agent: () => agents.get(TENANT, definition.id),

    /** Handles one message, or one request when it has no `messageId`. */
    async run(input: unknown, message: MessageFields = {}): Promise<AgentRun> {
      await registerDeclaredAgent({ agents, clock }, TENANT, declarationOf(definition), 'test')
      const [publishedBefore, refusedBefore] = [bus.published.length, deadLetters.sent.length]
      const record = await startExecution(
        { ...admission, streamLog: log },
        {
          tenant: TENANT,
          executionId: newId(),
          agentId: definition.id,
          worker: definition.id,
          input,
          source: '/principals/tester',
          retry: { backoffSeconds: 0 },
          ...message,
        },
      )
      const { ended, invocations } = await handleAll(record)
      await replyOnBus({ bus, logger })(ended)
      const sent = bus.published.slice(publishedBefore).map(({ envelope }) => envelope)
      const isReply = ({ topic }: Envelope): boolean => topic !== undefined && topic === message.replyTo
      const { status, attempt, error, usage, output } = ended
      return {
        status,
        attempt,
        error,
        usage,
        text: output?.text ?? '',
        data: output?.data,
        events: await log.read(executionRef(ended), -1),
        published: sent.filter((envelope) => !isReply(envelope)),
        replies: sent.filter(isReply),
        deadLetters: deadLetters.sent.slice(refusedBefore),
        invocations,
      }
    },
  }
}

/** Handles one message in a world of its own. */
export const runAgent = (
  definition: AgentDefinition,
  input: unknown,
  { message, ...options }: AgentWorldOptions & { message?: MessageFields } = {},
): Promise<AgentRun> => agentWorld(definition, options).run(input, message)

/** A model that gives the same answer to every question. A token a piece. */
function saying(pieces: string[]): LlmScript {
  return async function* (): AsyncGenerator<LlmEvent> {
    for (const text of pieces) yield { type: 'text', text }
    yield { type: 'usage', inputTokens: 1, outputTokens: pieces.length }
    yield { type: 'stop', reason: 'end' }
  }
}
