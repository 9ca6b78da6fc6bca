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
export type ConversationHead = Conversation & {
  createdAt: string
  /** When something was said last. */
  updatedAt: string
  /** What was said before the last turns, in short. */
  summary?: string | undefined
}

/** What was said, by whom. */
export type Turn = {
  /** Sorts the turns of a conversation; the same place is the same turn. */
  place: string
  role: 'user' | 'assistant'
  content: string
  /** Ids of what came with it. */
  attachments?: string[] | undefined
  /** RFC 3339. */
  at: string
}

/** Most turns that one read gives. */
export const MAX_TURNS = 100

/** `after` is the `next` of the page before; a foreign cursor throws ValidationError. */
export type Page = { limit: number; after?: string | undefined }

/** An execution that wants to say something in a conversation. Times are milliseconds since the epoch. */
export type Speaker = {
  executionId: string
  /** When it was asked for, RFC 3339: who waits is let in by it. */
  createdAt: string
  now: number
  /** When others need not wait for it any more: it has crashed. Beginning again puts it off. */
  until: number
  /** After so long a silence the conversation begins anew. */
  sessionTimeoutMs: number
}

/** A conversation as the execution finds it whose turn it is. */
export type Floor = {
  /** Time of what it will say, RFC 3339: behind all that was said before, and the same for the same execution. */
  at: string
  /** Nothing before this time belongs to the session. */
  sessionFrom: string
  /** Sum of the session's turns through a place. */
  summary?: Summary | undefined
}

export type Summary = { text: string; through: string }

/** `busy`: another execution has the floor, or waited before this one, which has been put behind it. */
export type BeginResult = ({ result: 'begun' } & Floor) | { result: 'busy'; executionId: string }

/** What agents remember of their conversations, in order. Reads are consistent, but for lists. */
export type ConversationStore = {
  /** Takes the floor: one execution at a time speaks in a conversation, in the order in which they were asked for. Repeatable. */
  begin(conversation: Conversation, speaker: Speaker): Promise<BeginResult>
  /**
   * Stores what was said and gives the floor back, in one transaction, on condition that the execution has the floor. Repeatable.
   *
   * @returns `lost`: another execution has taken over, nothing was stored. `next`: who waits, the first of them
   */
  finish(
    conversation: Conversation,
    speaker: { executionId: string; at: string },
    turns: readonly Omit<Turn, 'place' | 'at'>[],
  ): Promise<{ result: 'finished' | 'lost'; next?: string | undefined }>
  /** Gives the floor back, or the place among those who wait. Repeatable. @returns `next`: who waits, the first of them */
  release(ref: ConversationRef, executionId: string): Promise<{ next?: string | undefined }>
  /** Stores the sum of what was said, on condition that the execution has the floor. */
  summarise(ref: ConversationRef, executionId: string, summary: Summary): Promise<'stored' | 'lost'>
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
