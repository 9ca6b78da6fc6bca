import * as z from 'zod'
import { timestampSchema } from './identifiers.ts'

/** About how many there are, or were; null when it is not known now. */
const countSchema = z.int().nonnegative().nullable()

/** Answer of `GET /health`: the function runs. Counts are of the whole stage. */
export const healthSchema = z.object({
  /** `degraded`: the tables that its figures come from do not answer. */
  status: z.enum(['healthy', 'degraded']),
  service: z.literal('sluice'),
  realtime_enabled: z.boolean(),
  websocket_enabled: z.boolean(),
  connections: countSchema,
  message_count: countSchema,
  error_count: countSchema,
  stage: z.string(),
  /** `off` on a developer's machine alone: whoever asks gets in. */
  auth: z.enum(['on', 'off']),
  time: timestampSchema,
})

const readinessStatusSchema = z.enum(['ok', 'unavailable'])

/** Answer of `GET /ready`: whether everything that a request needs answers. */
export const readinessSchema = z.object({
  status: readinessStatusSchema,
  dependencies: z.array(
    z.object({
      name: z.string(),
      status: readinessStatusSchema,
      /** How long the answer took, or what kind of error came. */
      detail: z.string(),
    }),
  ),
})

export type Health = z.infer<typeof healthSchema>
export type Readiness = z.infer<typeof readinessSchema>
