import { digestOf } from '#shared/platform/digest.ts'
import type { AuditSeal, SealPlace } from '#shared/protocol/audit.ts'

/** A record, or a seal, as it is stored: whatever stands there, for its hash. */
export type Stored = Record<string, unknown>
/** `place`: `<time>#<auditId>`, its key. */
export type StoredRecord = { place: string; content: Stored }

/** Seals records behind the seal before them. */
export function sealOf(seal: Pick<AuditSeal, 'tenant' | 'day' | 'previous' | 'sealedAt'>, records: StoredRecord[]): AuditSeal {
  const { tenant, day, previous, sealedAt } = seal
  const n = previous?.day === day ? previous.n + 1 : 0
  const hashes = records.map(({ place, content }) => ({ place, sha256: digestOf(content) }))
  const content = { tenant, day, n, previous, sealedAt, records: hashes }
  return { ...content, hash: digestOf(content) }
}

/** Hash that a seal should have. */
export function hashOf({ hash: _, ...content }: Stored): string {
  return digestOf(content)
}

/** How the next seal names this one. */
export const placeOfSeal = ({ day, n, hash }: AuditSeal): SealPlace => ({ day, n, hash })
