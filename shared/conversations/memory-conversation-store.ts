import { type Clock, systemClock } from '#shared/platform/clock.ts'
import { type ConversationRef, type ConversationStore, MAX_TURNS, TURN_TTL_DAYS, type Turn } from './conversation-store.ts'

/** Conversations of one process, for tests. */
export function memoryConversationStore(clock: Clock = systemClock): ConversationStore {
  const conversations = new Map<string, Map<string, Turn & { expiresAt: number }>>()
  const name = ({ tenant, conversationId }: ConversationRef): string => JSON.stringify([tenant, conversationId])

  return {
    async append(ref, turn) {
      const turns = conversations.get(name(ref)) ?? new Map()
      conversations.set(name(ref), turns.set(turn.place, { ...turn, expiresAt: clock.now() + TURN_TTL_DAYS * 86_400_000 }))
    },
    async read(ref, limit) {
      return [...(conversations.get(name(ref)) ?? [])]
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .slice(-Math.min(limit, MAX_TURNS))
        .filter(([, { expiresAt }]) => expiresAt > clock.now())
        .map(([, { expiresAt: _, ...turn }]) => turn)
    },
  }
}
