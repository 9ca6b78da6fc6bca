import type { ConversationStore } from '#shared/conversations/conversation-store.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { type Clock, timestamp } from '#shared/platform/clock.ts'
import { derivedId } from '#shared/platform/ids.ts'
import type { Conversation } from './agent-context.ts'
import type { Effects } from './effects.ts'

const DEFAULT_TURNS = 20

/**
 * The conversation that an execution belongs to. It is between an agent and whoever sent the message, so nobody reads what others have said
 * by naming their conversation.
 */
export function agentConversation(
  { conversations, clock }: { conversations: ConversationStore; clock: Clock },
  record: ExecutionRecord,
  effects: Effects,
): Conversation {
  const { tenant, executionId, agentId, source = '', conversationId = '', createdAt } = record
  const ref = { tenant, conversationId: derivedId('conversation', agentId, source, conversationId) }
  return {
    read: (limit = DEFAULT_TURNS) => conversations.read(ref, limit),
    append: (role, content) =>
      effects.begin((place) =>
        conversations.append(ref, `${createdAt}#${executionId}#${place}`, { role, content, at: timestamp(clock) }),
      ),
  }
}
