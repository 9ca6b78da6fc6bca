import * as z from 'zod'
import { executionIdSchema } from './identifiers.ts'

/** Body of `POST /v1/tickets`, which may be left out. */
export const createTicketSchema = z
  .strictObject({
    /** The execution that the ticket follows, and nothing else. Anything that the caller may do when absent. */
    executionId: executionIdSchema.optional(),
  })
  .optional()

/** Answer of `POST /v1/tickets`: good for one connection, within a minute. */
export const ticketSchema = z.object({ ticket: z.string(), expiresAt: z.string() })

export type Ticket = z.infer<typeof ticketSchema>
