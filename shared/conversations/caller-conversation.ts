import { derivedId } from '#shared/platform/ids.ts'
import type { Conversation } from './conversation-store.ts'

/**
 * The conversation that a caller named. It is between an agent and whoever sent the message, so nobody reads what others have said by naming
 * their conversation.
 *
 * @param source - who sends: the `source` of the messages
 */
export const callerConversation = (
  tenant: string,
  { agentId, source, conversationId }: { agentId: string; source: string; conversationId: string },
): Conversation => ({
  tenant,
  conversationId: derivedId('conversation', agentId, source, conversationId),
  agentId,
  source,
  name: conversationId,
})
