/** Names one conversation: that of a principal with an agent. */
export type ConversationRef = { tenant: string; conversationId: string }

/** A conversation, and between whom it is. */
export type Conversation = ConversationRef & {
  agentId: string
  /** Whose it is: the `source` of the messages. */
  source: string
  /** As its owner calls it. */
  name: string
}

/** A conversation as lists show it; times are RFC 3339. */
export type ConversationHead = Conversation & { createdAt: string; updatedAt: string }

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

/** `after` is the `next` of the page before; a foreign cursor throws ValidationError. */
export type Page = { limit: number; after?: string | undefined }

/** What agents remember of their conversations, in order. Reads are consistent, but for lists. */
export type ConversationStore = {
  /** Stores a turn at its place, and when the conversation was active last. Repeatable. */
  append(conversation: Conversation, turn: Turn): Promise<void>
  /** The last turns, the oldest of them first; at most {@link MAX_TURNS}. */
  read(ref: ConversationRef, limit: number): Promise<Turn[]>
  /** Turns from the first on; a page may be shorter than `limit` though there is a next one. */
  readPage(ref: ConversationRef, page: Page): Promise<{ turns: Turn[]; next?: string }>
  find(ref: ConversationRef): Promise<ConversationHead | undefined>
  /** Conversations of an agent, those of one owner where `source` is given; the latest active first. */
  list(
    of: { tenant: string; agentId: string; source?: string | undefined },
    page: Page,
  ): Promise<{ conversations: ConversationHead[]; next?: string }>
  /** Removes the turns, then the conversation. To be repeated when it fails. */
  remove(ref: ConversationRef): Promise<void>
}
