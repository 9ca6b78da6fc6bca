import * as z from 'zod'
import { agentIdSchema, timestampSchema } from './identifiers.ts'

/** A secret that something needs; its value is never shown, nor read to show this. */
export const secretSchema = z.object({
  name: z.string(),
  usedBy: z.enum(['platform', 'agents']),
  /** Agents of the tenant that name it. */
  agents: z.array(agentIdSchema),
  /** `empty`: it has no current value. `unreadable`: the platform may not look at it, or could not. */
  status: z.enum(['present', 'missing', 'empty', 'unreadable']),
  /** When its value or its settings changed last. */
  lastChanged: timestampSchema.optional(),
})

/** Answer of `GET /v1/secrets`. */
export const secretListSchema = z.object({ secrets: z.array(secretSchema) })

export type SecretView = z.infer<typeof secretSchema>
