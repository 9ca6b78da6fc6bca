import type { Principal } from '#shared/access/principal.ts'
import type { Clock } from '#shared/platform/clock.ts'
import { digestOf } from '#shared/platform/digest.ts'
import { newId } from '#shared/platform/ids.ts'
import type { Log } from '#shared/platform/log.ts'
import type { AuditRecord } from '#shared/protocol/audit.ts'
import { STRANGERS } from './audit-keys.ts'
import type { AuditLog } from './audit-log.ts'
import { auditedPath } from './audited-path.ts'
import { strangers } from './strangers.ts'

/** Longest that an answer waits for its record, in milliseconds. */
const PATIENCE_MS = 3_000
const MAX_USER_AGENT = 256

/** Where a call came from, as the gateway saw it. */
export type Origin = { address?: string | undefined; userAgent?: string | undefined; requestId?: string | undefined }

/** A call at one of the doors. */
export type AuditedCall = Pick<AuditRecord, 'door' | 'action'> & {
  /** Path; what does not belong into a record is taken out of it. */
  resource: string
  /** Milliseconds since the epoch. */
  startedAt: number
  /** Who called; absent when nobody knows. */
  principal?: Pick<Principal, 'tenant' | 'subject' | 'credential'> | undefined
  origin: Origin
  /** What was asked for; only its digest is kept. */
  request?: unknown
}

/** What became of it. Of the resource only the digests are kept. */
export type AuditedEnd = Pick<AuditRecord, 'status' | 'code'> & { before?: unknown; after?: unknown }

/** Writes down what was done. It never fails: a call that was made is answered, and its record stands in the log if it stands nowhere else. */
export type Auditor = (call: AuditedCall, end: AuditedEnd) => Promise<void>

export type AuditorDependencies = {
  auditLog: AuditLog
  clock: Clock
  log: Log
  /** Takes out of a text what must not be kept. @default nothing */
  redact?: ((text: string) => string) | undefined
}

/** An auditor that appends to a log. Of strangers it writes down some, and how many it left out. */
export function createAuditor({ auditLog, clock, log, redact = (text) => text }: AuditorDependencies): Auditor {
  const unknown = strangers(clock)
  return async (call, end) => {
    const omitted = call.principal ? 0 : unknown.admit(call.origin.address)
    if (omitted === undefined) return
    const record = redacted(toRecord(call, end, { now: clock.now(), omitted }), redact)
    const tenant = call.principal?.tenant ?? STRANGERS
    try {
      await auditLog.append(tenant, record, AbortSignal.timeout(PATIENCE_MS))
    } catch (error) {
      log.error('audit_failed', { tenant, record, error })
    }
  }
}

/** Of what callers say themselves; ids, digests and codes are ours. */
const redacted = ({ resource, ...record }: AuditRecord, redact: (text: string) => string): AuditRecord => ({
  ...record,
  resource: redact(resource),
  ...(record.userAgent !== undefined && { userAgent: redact(record.userAgent) }),
})

function toRecord(call: AuditedCall, end: AuditedEnd, { now, omitted }: { now: number; omitted: number }): AuditRecord {
  const { door, action, startedAt, principal, origin } = call
  // A password is short: who has the digest of the request that it stood in could guess it.
  const request = end.code === 'secret_in_request' ? undefined : call.request
  const digests = { requestSha256: request, beforeSha256: end.before, afterSha256: end.after }
  const optional = {
    subject: principal?.subject,
    credential: principal?.credential,
    code: end.code,
    address: origin.address,
    userAgent: origin.userAgent?.slice(0, MAX_USER_AGENT).toWellFormed(),
    requestId: origin.requestId,
    ...Object.fromEntries(Object.entries(digests).map(([name, value]) => [name, value === undefined ? value : digestOf(value)])),
    omitted: omitted === 0 ? undefined : omitted,
  }
  return {
    auditId: newId(),
    time: new Date(startedAt).toISOString(),
    door,
    action,
    resource: auditedPath(call.resource),
    outcome: outcomeOf(end.status),
    status: end.status,
    durationMs: Math.max(0, now - startedAt),
    // What is absent is not stored, and a digest is of what is stored.
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
  }
}

function outcomeOf(status: number): AuditRecord['outcome'] {
  if (status < 400) return 'accepted'
  return status < 500 ? 'refused' : 'failed'
}
