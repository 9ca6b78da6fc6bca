import { type Clock, systemClock } from '#shared/platform/clock.ts'
import { isOver, keptFor } from '#shared/platform/retention.ts'
import { type ConversationRef, type ConversationStore, MAX_TURNS, type Turn } from './conversation-store.ts'

/** Conversations of one process, for tests. */
export function memoryConversationStore(clock: Clock = systemClock, retentionDays = 90): ConversationStore {
  const conversations = new Map<string, Map<string, Turn & { expiresAt: number }>>()
  const name = ({ tenant, conversationId }: ConversationRef): string => JSON.stringify([tenant, conversationId])

  return {
    async append(ref, turn) {
      const turns = conversations.get(name(ref)) ?? new Map()
      conversations.set(name(ref), turns.set(turn.place, { ...turn, ...keptFor(retentionDays, clock.now()) }))
    },
    async read(ref, limit) {
      return [...(conversations.get(name(ref)) ?? [])]
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .slice(-Math.min(limit, MAX_TURNS))
        .filter(([, turn]) => !isOver(turn, clock.now()))
        .map(([, { expiresAt: _, ...turn }]) => turn)
    },
  }
}
