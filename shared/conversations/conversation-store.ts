/** Identifies one conversation of a principal with an agent. */
export type ConversationRef = { tenant: string; conversationId: string }

/** A conversation, with its two parties. */
export type Conversation = ConversationRef & {
  agentId: string
  /** The owner: the `source` of the messages. */
  source: string
  /** The name that its owner gave it. */
  name: string
}

/** A conversation as lists show it; times are RFC 3339. */
export type ConversationHead = Conversation & {
  createdAt: string
  /** When something was said last. */
  updatedAt: string
  /** A summary of the turns that no longer fit into the window. */
  summary?: string | undefined
}

/** One message of a conversation. */
export type Turn = {
  /** Sorts the turns of a conversation, and identifies each of them. */
  place: string
  role: 'user' | 'assistant'
  content: string
  /** Ids of its attachments. */
  attachments?: string[] | undefined
  /** RFC 3339. */
  at: string
}

/** Most turns that one read returns. */
export const MAX_TURNS = 100

/** `after` is the `next` of the previous page; any other text throws a ValidationError. */
export type Page = { limit: number; after?: string | undefined }

/** An execution that wants to say something in a conversation. Times are milliseconds since the epoch. */
export type Speaker = {
  executionId: string
  /** When it was asked for, RFC 3339: executions that wait are let in in this order. */
  createdAt: string
  now: number
  /** Until when others wait for it; afterwards it counts as crashed. Beginning again extends it. */
  until: number
  /** After this long a silence a new session begins. */
  sessionTimeoutMs: number
}

/** The floor is the right to speak in a conversation: one execution at a time has it. This is what it gets with the floor. */
export type Floor = {
  /** The time of what it will say, RFC 3339: later than everything said before, and the same each time for the same execution. */
  at: string
  /** When the session began, RFC 3339. */
  sessionFrom: string
  /** A summary of the session's turns up to a place. */
  summary?: Summary | undefined
}

export type Summary = { text: string; through: string }

/** `busy`: another execution has the floor, or waited before this one, which has been put behind it. */
export type BeginResult = ({ result: 'begun' } & Floor) | { result: 'busy'; executionId: string }

/** Stores the conversations of agents. Reads are consistent, except for lists. */
export type ConversationStore = {
  /** Takes the floor: one execution at a time speaks in a conversation, in the order in which they were asked for. Repeatable. */
  begin(conversation: Conversation, speaker: Speaker): Promise<BeginResult>
  /**
   * Stores what was said and gives the floor back, in one transaction, provided that the execution still has it. Repeatable.
   *
   * @returns `lost`: another execution has taken over, and nothing was stored. `next`: the execution that waits first
   */
  finish(
    conversation: Conversation,
    speaker: { executionId: string; at: string },
    turns: readonly Omit<Turn, 'place' | 'at'>[],
  ): Promise<{ result: 'finished' | 'lost'; next?: string | undefined }>
  /** Gives back the floor, or the place in the queue for it. Repeatable. @returns `next`: the execution that waits first */
  release(ref: ConversationRef, executionId: string): Promise<{ next?: string | undefined }>
  /** Stores a summary, provided that the execution has the floor. */
  summarise(ref: ConversationRef, executionId: string, summary: Summary): Promise<'stored' | 'lost'>
  /** Stores a turn at its place, and updates the last activity. Repeatable. */
  append(conversation: Conversation, turn: Turn): Promise<void>
  /** The last turns, oldest first; at most {@link MAX_TURNS}. */
  read(ref: ConversationRef, limit: number): Promise<Turn[]>
  /** All turns, oldest first; a page may be shorter than `limit` although there is a next one. */
  readPage(ref: ConversationRef, page: Page): Promise<{ turns: Turn[]; next?: string }>
  find(ref: ConversationRef): Promise<ConversationHead | undefined>
  /** The conversations of an agent, or of one owner with it if `source` is given; the last active first. */
  list(
    of: { tenant: string; agentId: string; source?: string | undefined },
    page: Page,
  ): Promise<{ conversations: ConversationHead[]; next?: string }>
  /**
   * Removes the turns, then the conversation. Repeat it after a failure. What is being said is not kept; executions that wait begin the
   * conversation anew.
   */
  remove(ref: ConversationRef): Promise<void>
}
