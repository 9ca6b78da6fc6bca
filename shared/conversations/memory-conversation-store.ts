import { type Clock, systemClock } from '#shared/platform/clock.ts'
import { encodeCursor } from '#shared/platform/cursor.ts'
import { isOver, keptFor } from '#shared/platform/retention.ts'
import {
  type ConversationHead,
  type ConversationRef,
  type ConversationStore,
  MAX_TURNS,
  type Turn,
} from './conversation-store.ts'
import { decodePlace } from './place-cursor.ts'

type Expiring = { expiresAt: number }

/** Conversations of one process, for tests. */
export function memoryConversationStore(clock: Clock = systemClock, retentionDays = 90): ConversationStore {
  const turns = new Map<string, Map<string, Turn & Expiring>>()
  const heads = new Map<string, ConversationHead & Expiring>()
  const name = ({ tenant, conversationId }: ConversationRef): string => JSON.stringify([tenant, conversationId])
  const isKept = (item: Expiring): boolean => !isOver(item, clock.now())
  const shown = <Item extends Expiring>({ expiresAt: _, ...item }: Item) => item
  const inOrder = (ref: ConversationRef) =>
    [...(turns.get(name(ref))?.values() ?? [])].sort((one, other) => (one.place < other.place ? -1 : 1))

  return {
    async append(conversation, turn) {
      const kept = keptFor(retentionDays, clock.now())
      const said = turns.get(name(conversation)) ?? new Map()
      turns.set(name(conversation), said.set(turn.place, { ...turn, ...kept }))
      const { createdAt = turn.at, updatedAt = turn.at } = heads.get(name(conversation)) ?? {}
      if (turn.at >= updatedAt) heads.set(name(conversation), { ...conversation, createdAt, updatedAt: turn.at, ...kept })
    },
    async read(ref, limit) {
      return inOrder(ref).slice(-Math.min(limit, MAX_TURNS)).filter(isKept).map(shown)
    },
    async readPage(ref, { limit, after }) {
      const from = after === undefined ? '' : decodePlace(after)
      const rest = inOrder(ref).filter(({ place }) => place > from)
      const page = rest.slice(0, limit)
      const last = page.at(-1)
      return { turns: page.filter(isKept).map(shown), ...(last && rest.length > limit && { next: encodeCursor(last.place) }) }
    },
    async find(ref) {
      const head = heads.get(name(ref))
      return head && isKept(head) ? shown(head) : undefined
    },
    async list({ tenant, agentId, source }, { limit, after }) {
      const before = after === undefined ? undefined : decodePlace(after)
      const placeOf = ({ updatedAt, conversationId }: ConversationHead): string => `${updatedAt}#${conversationId}`
      const rest = [...heads.values()]
        .filter((head) => head.tenant === tenant && head.agentId === agentId && (source === undefined || head.source === source))
        .filter((head) => before === undefined || placeOf(head) < before)
        .sort((one, other) => (placeOf(one) < placeOf(other) ? 1 : -1))
      const page = rest.slice(0, limit)
      const last = page.at(-1)
      return {
        conversations: page.filter(isKept).map(shown),
        ...(last && rest.length > limit && { next: encodeCursor(placeOf(last)) }),
      }
    },
    async remove(ref) {
      turns.delete(name(ref))
      heads.delete(name(ref))
    },
  }
}
