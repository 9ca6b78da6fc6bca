import * as z from 'zod'
import { tenantSchema } from '#shared/protocol/identifiers.ts'
import { SCOPES } from './principal.ts'

/** A principal whose token or ticket was good, as tickets and connections keep it. */
export const verifiedPrincipalSchema = z.object({
  subject: z.string(),
  tenant: tenantSchema,
  scopes: z.array(z.enum(SCOPES)).readonly(),
  /** When the token ends, in milliseconds since the epoch; nothing that came of it lives longer. */
  expiresAt: z.int(),
})

export type VerifiedPrincipal = z.infer<typeof verifiedPrincipalSchema>
