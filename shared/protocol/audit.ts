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
  /** Refused calls of strangers since the last record, of which there were too many to write each of them. */
  omitted: z.int().positive().optional(),
})

/** A day in UTC: records are sealed, verified and exported by days. */
export const auditDaySchema = z.iso.date('use a day such as 2026-11-21')

/** Most days between the ends of a query or an export. */
export const MAX_AUDIT_DAYS = 31

/** Where a seal stands in the chains of its tenant. */
const sealPlaceSchema = z.object({ day: auditDaySchema, n: z.int().nonnegative(), hash: digestSchema })

/** Seals some records of a day for good: `hash` is the SHA-256 of all else in it as canonical JSON (RFC 8785), and the next seal names it. */
export const auditSealSchema = z.object({
  tenant: z.string(),
  day: auditDaySchema,
  /** 0, 1, … within the day. */
  n: z.int().nonnegative(),
  /** The seal before; for the first one of a day the last one of a day before, or null when there is none. */
  previous: sealPlaceSchema.nullable(),
  sealedAt: timestampSchema,
  /** `place`: `<time>#<auditId>`. `sha256`: of the record as canonical JSON. */
  records: z.array(z.object({ place: z.string(), sha256: digestSchema })).min(1),
  hash: digestSchema,
})

/** Part of a record that a list may be asked for alone. */
export const AUDIT_FIELDS = Object.keys(auditRecordSchema.shape) as (keyof AuditRecord)[]

export const auditListSchema = z.object({
  /** Newest first. Only the fields that were asked for. */
  records: z.array(auditRecordSchema.partial()),
  /** Cursor of the next page. A page may be empty and yet not the last: so much was looked at. */
  next: z.string().optional(),
})

/**
 * `changed`: it is not what was sealed. `missing`: it was sealed and is gone. `added`: the chain has gone on without it. `unsealed`: nothing has
 * been sealed since. `late`: it was sealed long after its time. `broken`: a seal is gone, altered, or does not follow the one before.
 */
export const AUDIT_FINDINGS = ['changed', 'missing', 'added', 'unsealed', 'late', 'broken'] as const

export const auditVerificationSchema = z.object({
  day: auditDaySchema,
  /** Nothing was found. */
  intact: z.boolean(),
  records: z.int(),
  seals: z.int(),
  /** Records of the last minute, which the next seal takes. */
  fresh: z.int(),
  /** The last seal: whoever keeps it elsewhere can tell whether the end of a chain was cut off. */
  last: sealPlaceSchema.optional(),
  /** The first hundred. */
  findings: z.array(z.object({ kind: z.enum(AUDIT_FINDINGS), place: z.string(), detail: z.string() })),
  /** How many there are. */
  found: z.int(),
})

export const createAuditExportSchema = z.strictObject({ from: auditDaySchema, to: auditDaySchema })

/** A day as files of an export: one JSON text a line, `{"record": …}` or `{"seal": …}`, compressed with gzip. */
const exportedDaySchema = z.object({
  day: auditDaySchema,
  key: z.string(),
  bytes: z.int(),
  /** Of the compressed file. */
  sha256: digestSchema,
  records: z.int(),
  seals: z.int(),
  last: sealPlaceSchema.optional(),
  intact: z.boolean(),
})

export const auditExportSchema = z.object({
  exportId: z.string(),
  status: z.enum(['requested', 'completed']),
  from: auditDaySchema,
  to: auditDaySchema,
  requestedAt: timestampSchema,
  completedAt: timestampSchema.optional(),
  /** Where the files are. */
  bucket: z.string().optional(),
  /** Key of the file that lists the days, as they stand here. */
  manifest: z.string().optional(),
  days: z.array(exportedDaySchema).optional(),
})

export type AuditSeal = z.infer<typeof auditSealSchema>
export type AuditList = z.infer<typeof auditListSchema>
export type AuditVerification = z.infer<typeof auditVerificationSchema>
export type AuditFinding = AuditVerification['findings'][number]
export type AuditExport = z.infer<typeof auditExportSchema>
export type ExportedDay = z.infer<typeof exportedDaySchema>
export type SealPlace = z.infer<typeof sealPlaceSchema>
export type AuditRecord = z.infer<typeof auditRecordSchema>
export type CredentialKind = (typeof CREDENTIAL_KINDS)[number]
