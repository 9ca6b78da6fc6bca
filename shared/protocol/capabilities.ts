import * as z from 'zod'
import { capabilitySchema } from './agent.ts'

/** Answer of `GET /v1/capabilities`: what this stage can do, and what its agents say that they can. */
export const capabilitiesSchema = z.object({
  /** What agents name as theirs, by name. */
  capabilities: z.array(z.object({ name: capabilitySchema, agents: z.int().positive() })),
  next: z.string().optional(),
  providers: z.array(z.string()),
  reasoningPatterns: z.array(z.string()),
  components: z.array(z.string()),
  transports: z.array(z.object({ name: z.string(), path: z.string() })),
  authentication: z.array(z.string()),
  limits: z.record(z.string(), z.number()),
})

export type Capabilities = z.infer<typeof capabilitiesSchema>
