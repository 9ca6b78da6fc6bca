import * as z from 'zod'
import { timestampSchema } from './identifiers.ts'

/** Answer of `GET /health`: the function runs. */
export const healthSchema = z.object({ status: z.literal('ok'), stage: z.string(), time: timestampSchema })

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
