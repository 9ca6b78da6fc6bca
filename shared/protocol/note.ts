import * as z from 'zod'
import { timestampSchema } from './identifiers.ts'

/** Body of `POST /v1/agents/{agentId}/notes`. */
export const createNoteSchema = z.strictObject({
  text: z.string().min(1).max(2_000),
  tags: z.array(z.string().min(1).max(64)).max(10).default([]),
})

/** Something that an agent remembers of a caller. */
export const noteSchema = z.object({
  noteId: z.uuid(),
  text: z.string(),
  tags: z.array(z.string()),
  createdAt: timestampSchema,
  updatedAt: timestampSchema,
})

/** Page of `GET /v1/agents/{agentId}/notes`, the newest first; with `query` the best matches, on one page. */
export const noteListSchema = z.object({
  notes: z.array(noteSchema),
  /** Cursor of the next page; absent on the last one. */
  next: z.string().optional(),
})

export type NoteView = z.infer<typeof noteSchema>
