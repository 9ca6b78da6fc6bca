import { SEARCHED_CONVERSATIONS, SEARCHED_TURNS } from '#shared/protocol/conversation.ts'
import type { ConversationHead, ConversationStore, Turn } from './conversation-store.ts'
import { rankTurns } from './rank-turns.ts'

export type SearchHit = { head: ConversationHead; turn: Turn }

/**
 * Looks for words in the latest conversations of an owner with an agent: {@link SEARCHED_CONVERSATIONS} of them, the last {@link SEARCHED_TURNS} turns of
 * each.
 *
 * @returns the best matches first; `more`: there are older conversations
 */
export async function searchConversations(
  conversations: ConversationStore,
  of: { tenant: string; agentId: string; source: string },
  query: string,
  limit: number,
): Promise<{ hits: SearchHit[]; more: boolean }> {
  const page = await conversations.list(of, { limit: SEARCHED_CONVERSATIONS })
  const said = await Promise.all(
    page.conversations.map(async (head) => {
      const turns = await conversations.read(head, SEARCHED_TURNS)
      return turns.map((turn) => ({ ...turn, head }))
    }),
  )
  const hits = rankTurns(said.flat(), query, limit).map(({ head, ...turn }) => ({ head, turn }))
  return { hits, more: page.next !== undefined }
}
