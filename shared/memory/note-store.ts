/** Whose notes: what an agent keeps about one principal. */
export type NoteOwner = { tenant: string; agentId: string; source: string }

/** Something to be remembered beyond a conversation. */
export type Note = {
  noteId: string
  text: string
  tags: string[]
  /** RFC 3339. */
  createdAt: string
  updatedAt: string
}

/** Long-term memory, by principal and agent. DynamoDB today; a vector store has the same shape. */
export type NoteStore = {
  /** Repeatable: the same id is the same note. */
  put(owner: NoteOwner, note: Note): Promise<void>
  get(owner: NoteOwner, noteId: string): Promise<Note | undefined>
  remove(owner: NoteOwner, noteId: string): Promise<void>
  /** The newest first. */
  list(owner: NoteOwner, page: { limit: number; after?: string | undefined }): Promise<{ notes: Note[]; next?: string }>
  /** The best matches of a question, the best first. */
  search(owner: NoteOwner, query: string, limit: number): Promise<Note[]>
}
