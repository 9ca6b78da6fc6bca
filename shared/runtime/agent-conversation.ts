import { callerConversation } from '#shared/conversations/caller-conversation.ts'
import type { ConversationStore } from '#shared/conversations/conversation-store.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { type Clock, timestamp } from '#shared/platform/clock.ts'
import type { Conversation } from './agent-context.ts'
import type { Effects } from './effects.ts'

const DEFAULT_TURNS = 20

/** The conversation that an execution belongs to. */
export function agentConversation(
  { conversations, clock }: { conversations: ConversationStore; clock: Clock },
  record: ExecutionRecord,
  effects: Effects,
): Conversation {
  const { tenant, executionId, agentId, source = '', conversationId = '', createdAt } = record
  const ref = callerConversation(tenant, { agentId, source, conversationId })
  const own = `${createdAt}#${executionId}#`
  return {
    async read(limit = DEFAULT_TURNS) {
      const turns = await conversations.read(ref, limit)
      // An attempt before may have said something already; this one says it again.
      return turns.filter(({ place }) => !place.startsWith(own)).map(({ role, content, at }) => ({ role, content, at }))
    },
    append: (role, content) =>
      effects.begin((number) => conversations.append(ref, { place: own + number, role, content, at: timestamp(clock) })),
  }
}
