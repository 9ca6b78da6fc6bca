import { SEARCHED_CONVERSATIONS, type SEARCHED_LENGTH, SEARCHED_TURNS } from '#shared/protocol/conversation.ts'
import type { ConversationHead, ConversationStore, Turn } from './conversation-store.ts'
import { rankTurns } from './rank-turns.ts'
import { searchedOf } from './searched-of.ts'

export type SearchHit = { head: ConversationHead; turn: Turn }

/**
 * Looks for words in the latest conversations of an owner with an agent: {@link SEARCHED_CONVERSATIONS} of them, the last {@link SEARCHED_TURNS} turns of
 * each, and no more than {@link SEARCHED_LENGTH} of text.
 *
 * @returns the best matches first, equal ones by time, the latest first; `more`: there is older text that was not searched
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
      return turns.toReversed().map((turn) => ({ ...turn, head }))
    }),
  )
  const turns = said.flat()
  const searched = searchedOf(turns)
  const hits = rankTurns(searched, query, limit).map(({ head, ...turn }) => ({ head, turn }))
  return { hits, more: page.next !== undefined || searched.length < turns.length }
}
