import type { AgentStore } from '#shared/agents/agent-store.ts'
import type { ConversationStore } from '#shared/conversations/conversation-store.ts'
import type { LlmProviders } from '#shared/llm/llm-providers.ts'
import type { ArtifactStore } from '#shared/messaging/artifact-store.ts'
import type { DeadLetterQueue } from '#shared/messaging/dead-letter-queue.ts'
import type { MessageBus } from '#shared/messaging/message-bus.ts'
import type { Clock } from '#shared/platform/clock.ts'
import type { Log } from '#shared/platform/log.ts'

/** What an agent's context stands on. */
export type AgentDependencies = {
  agents: AgentStore
  providers: LlmProviders
  bus: MessageBus
  conversations: ConversationStore
  artifacts: ArtifactStore
  /** Where work goes whose data the agent can never handle. */
  deadLetters: DeadLetterQueue
  /** Whether `context.fetch` reaches private networks. */
  allowPrivateAddresses: boolean
  clock: Clock
  logger: Log
}
