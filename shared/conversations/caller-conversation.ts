import { derivedId } from '#shared/platform/ids.ts'
import type { Conversation } from './conversation-store.ts'

/**
 * The conversation that a caller named. A conversation belongs to one agent and one sender, so naming somebody else's conversation does not give access
 * to it.
 *
 * @param source - the sender: the `source` of the messages
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
