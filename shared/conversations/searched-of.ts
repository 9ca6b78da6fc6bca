import { SEARCHED_LENGTH } from '#shared/protocol/conversation.ts'
import type { Turn } from './conversation-store.ts'

/** Turns that a search looks through: the first of them, no more than {@link SEARCHED_LENGTH} of text together. */
export function searchedOf<Found extends Turn>(turns: readonly Found[]): readonly Found[] {
  let length = 0
  const end = turns.findIndex(({ content }) => {
    length += content.length
    return length > SEARCHED_LENGTH
  })
  return end === -1 ? turns : turns.slice(0, end)
}
