import * as z from 'zod'
import { timestampSchema } from './identifiers.ts'
import { errorCodeSchema } from './problem.ts'

export const AUDIT_DOORS = ['http', 'graphql', 'socket', 'stream'] as const
/** `accepted`: it was done, or taken on. `refused`: the caller was not let, or asked for what cannot be. `failed`: our fault. */
export const AUDIT_OUTCOMES = ['accepted', 'refused', 'failed'] as const
/** How a caller proved who he is. */
export const CREDENTIAL_KINDS = ['token', 'oidc', 'api_key', 'ticket', 'none'] as const

const digestSchema = z.string().regex(/^[0-9a-f]{64}$/)

/** One call that changed something or was not let in: who, what, what became of it. Never a payload, never a credential. */
export const auditRecordSchema = z.object({
  auditId: z.uuid(),
  /** When the call came. */
  time: timestampSchema,
  /** Subject of the caller; absent when nobody knows who it was. */
  subject: z.string().optional(),
  credential: z.object({ kind: z.enum(CREDENTIAL_KINDS), id: z.string().optional() }).optional(),
  door: z.enum(AUDIT_DOORS),
  /** Operation of the API, such as `pauseAgent`, or type of the frame. */
  action: z.string(),
  /** What it was done to, as a path: `/v1/agents/support`. */
  resource: z.string(),
  outcome: z.enum(AUDIT_OUTCOMES),
  status: z.int(),
  code: errorCodeSchema.optional(),
  /** Address that the request came from, as the gateway saw it. */
  address: z.string().optional(),
  userAgent: z.string().optional(),
  requestId: z.string().optional(),
  durationMs: z.number().nonnegative(),
  /** SHA-256 of the request's body, and of the resource before and after, as canonical JSON. */
  requestSha256: digestSchema.optional(),
  beforeSha256: digestSchema.optional(),
  afterSha256: digestSchema.optional(),
})

export type AuditRecord = z.infer<typeof auditRecordSchema>
export type CredentialKind = (typeof CREDENTIAL_KINDS)[number]
