/** Names one conversation: that of a principal with an agent. */
export type ConversationRef = { tenant: string; conversationId: string }

/** What was said, by whom. */
export type Turn = {
  /** Sorts the turns of a conversation; the same place is the same turn. */
  place: string
  role: 'user' | 'assistant'
  content: string
  /** RFC 3339. */
  at: string
}

/** Most turns that one read gives. */
export const MAX_TURNS = 100

/** What agents remember of their conversations, in order. Reads are consistent. */
export type ConversationStore = {
  /** Stores a turn at its place. Repeatable. */
  append(ref: ConversationRef, turn: Turn): Promise<void>
  /** The last turns, the oldest of them first; at most {@link MAX_TURNS}. */
  read(ref: ConversationRef, limit: number): Promise<Turn[]>
}
