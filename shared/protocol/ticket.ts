import * as z from 'zod'

/** Answer of `POST /v1/tickets`: good for one connection, within a minute. */
export const ticketSchema = z.object({ ticket: z.string(), expiresAt: z.string() })

export type Ticket = z.infer<typeof ticketSchema>
