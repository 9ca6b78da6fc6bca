import * as z from 'zod'
import { CREDENTIAL_KINDS } from '#shared/protocol/audit.ts'
import { tenantSchema } from '#shared/protocol/identifiers.ts'
import { SCOPES } from '#shared/protocol/scopes.ts'

/** A principal whose token or ticket was good, as tickets and connections keep it. */
export const verifiedPrincipalSchema = z.object({
  subject: z.string(),
  tenant: tenantSchema,
  scopes: z.array(z.enum(SCOPES)).readonly(),
  roles: z.array(z.string()).readonly().optional(),
  onlyChannel: z.string().optional(),
  credential: z.object({ kind: z.enum(CREDENTIAL_KINDS), id: z.string().optional() }).optional(),
  /** When the token ends, in milliseconds since the epoch; nothing that came of it lives longer. */
  expiresAt: z.int(),
})

export type VerifiedPrincipal = z.infer<typeof verifiedPrincipalSchema>
