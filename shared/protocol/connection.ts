import * as z from 'zod'
import { timestampSchema } from './identifiers.ts'

/** API Gateway's ids: base64url, about 16 characters. */
export const connectionIdSchema = z.string().regex(/^[A-Za-z0-9_=-]{1,128}$/, 'use the id of a connection')

/** An open socket. */
export const connectionSchema = z.object({
  connectionId: z.string(),
  subject: z.string(),
  since: timestampSchema,
  protocol: z.string(),
  /** How many channels it follows. */
  subscriptions: z.int().nonnegative(),
})

/** Answer of `GET /v1/connections`. */
export const connectionListSchema = z.object({ connections: z.array(connectionSchema), next: z.string().optional() })

/** 202 answer of `DELETE /v1/connections/{connectionId}`. */
export const connectionClosingSchema = z.object({ connectionId: z.string(), status: z.literal('closing') })

export type ConnectionView = z.infer<typeof connectionSchema>
