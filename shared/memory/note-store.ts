/** Whose notes: what an agent keeps about one principal. */
export type NoteOwner = {
  tenant: string
  agentId: string
  /** The `source` of the principal's messages. */
  source: string
}

/** Something to be remembered beyond a conversation. */
export type Note = {
  noteId: string
  text: string
  tags: string[]
  /** RFC 3339. */
  createdAt: string
  updatedAt: string
}

/** Most notes of one owner, so that all of them are one read. */
export const MAX_NOTES = 200

/** `after` is the `next` of the page before; a foreign cursor throws ValidationError. */
export type NotePage = { limit: number; after?: string | undefined }

/** Long-term memory, by principal and agent. DynamoDB today; a vector store has the same shape. */
export type NoteStore = {
  /**
   * Keeps a note. Repeatable: the same id is the same note, which keeps its first time.
   *
   * @throws SluiceError `quota_exceeded` when there are {@link MAX_NOTES} others
   */
  put(owner: NoteOwner, note: Note): Promise<void>
  remove(owner: NoteOwner, noteId: string): Promise<void>
  /** The newest first. */
  list(owner: NoteOwner, page: NotePage): Promise<{ notes: Note[]; next?: string }>
  /** The best matches of a question, the best first; none when nothing fits. */
  search(owner: NoteOwner, query: string, limit: number): Promise<Note[]>
}
