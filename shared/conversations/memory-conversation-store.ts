import { type Clock, systemClock } from '#shared/platform/clock.ts'
import { encodeCursor } from '#shared/platform/cursor.ts'
import { isOver, keptFor } from '#shared/platform/retention.ts'
import {
  type Conversation,
  type ConversationHead,
  type ConversationRef,
  type ConversationStore,
  MAX_TURNS,
  type Turn,
} from './conversation-store.ts'
import { entriesOf, type FloorState, floorOf, inTheWay, nextInLine, waitingEntry } from './floor.ts'
import { decodePlace } from './place-cursor.ts'
import { turnPlace } from './turn-place.ts'

type Expiring = { expiresAt: number }
type MemoryFloor = FloorState & { waiting: Set<string> }

/** Conversations of one process, for tests. */
export function memoryConversationStore(clock: Clock = systemClock, retentionDays = 90): ConversationStore {
  const turns = new Map<string, Map<string, Turn & Expiring>>()
  const heads = new Map<string, ConversationHead & Expiring>()
  const floors = new Map<string, MemoryFloor>()
  const name = ({ tenant, conversationId }: ConversationRef): string => JSON.stringify([tenant, conversationId])
  const isKept = (item: Expiring): boolean => !isOver(item, clock.now())
  const shown = <Item extends Expiring>({ expiresAt: _, ...item }: Item) => item
  const inOrder = (ref: ConversationRef) =>
    [...(turns.get(name(ref))?.values() ?? [])].sort((one, other) => (one.place < other.place ? -1 : 1))

  const floorAt = (ref: ConversationRef): MemoryFloor => {
    const floor = floors.get(name(ref)) ?? { waiting: new Set() }
    floors.set(name(ref), floor)
    return Object.assign(floor, { updatedAt: heads.get(name(ref))?.updatedAt })
  }
  const leave = (floor: MemoryFloor): void =>
    void Object.assign(floor, { turnOf: undefined, turnUntil: undefined, turnAt: undefined })

  function say(conversation: Conversation, turn: Turn): void {
    const kept = keptFor(retentionDays, clock.now())
    const said = turns.get(name(conversation)) ?? new Map()
    turns.set(name(conversation), said.set(turn.place, { ...turn, ...kept }))
    const { createdAt = turn.at, updatedAt = turn.at, summary } = heads.get(name(conversation)) ?? {}
    const head = { ...conversation, createdAt, updatedAt: turn.at, ...(summary !== undefined && { summary }), ...kept }
    if (turn.at >= updatedAt) heads.set(name(conversation), head)
  }

  return {
    async append(conversation, turn) {
      say(conversation, turn)
    },
    async begin(conversation, speaker) {
      const floor = floorAt(conversation)
      const other = inTheWay(floor, speaker)
      if (other !== undefined) {
        floor.waiting.add(waitingEntry(speaker))
        return { result: 'busy', executionId: other }
      }
      const found = floorOf(floor, speaker)
      floor.waiting.delete(waitingEntry(speaker))
      Object.assign(floor, {
        turnOf: speaker.executionId,
        turnUntil: speaker.until,
        turnAt: found.at,
        sessionFrom: found.sessionFrom,
        summary: found.summary?.text,
        summaryThrough: found.summary?.through,
      })
      const head = heads.get(name(conversation))
      if (head && !found.summary) delete head.summary
      return { result: 'begun', ...found }
    },
    async finish(conversation, { executionId, at }, said) {
      const floor = floorAt(conversation)
      const result = floor.turnOf === executionId && floor.turnAt === at
      if (result) {
        for (const [number, turn] of said.entries()) say(conversation, { ...turn, place: turnPlace(at, executionId, number), at })
        leave(floor)
        floor.finishedBy = executionId
      }
      const isMine = result || (floor.finishedBy === executionId && floor.updatedAt === at)
      return { result: isMine ? 'finished' : 'lost', next: nextInLine(floor) }
    },
    async release(ref, executionId) {
      const floor = floorAt(ref)
      for (const entry of entriesOf(floor, executionId)) floor.waiting.delete(entry)
      if (floor.turnOf === executionId) leave(floor)
      return { next: nextInLine(floor) }
    },
    async summarise(ref, executionId, { text, through }) {
      const floor = floorAt(ref)
      if (floor.turnOf !== executionId) return 'lost'
      Object.assign(floor, { summary: text, summaryThrough: through })
      const head = heads.get(name(ref))
      if (head) head.summary = text
      return 'stored'
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
      const { waiting } = floorAt(ref)
      floors.set(name(ref), { waiting })
    },
  }
}
