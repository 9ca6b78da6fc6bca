import type { Clock } from '#shared/platform/clock.ts'
import { digestOf } from '#shared/platform/digest.ts'
import {
  type AuditFinding,
  type AuditSeal,
  type AuditVerification,
  auditSealSchema,
  type SealPlace,
} from '#shared/protocol/audit.ts'
import { sealKey } from './audit-keys.ts'
import type { AuditReader } from './audit-reader.ts'
import { hashOf, placeOfSeal, type Stored } from './seal.ts'
import type { SealStore } from './seal-store.ts'

export type VerifyDependencies = { auditReader: AuditReader; seals: Pick<SealStore, 'lastBefore'>; clock: Clock }

type Day = { tenant: string; day: string }
type Finding = (kind: AuditFinding['kind'], place: string, detail: string) => void
/** What a seal says of a record. */
type Sealed = Map<string, { sha256: string; n: number; sealedAt: string }>

/** How long a record may wait for its seal, in milliseconds. */
const FRESH_MS = 60_000
/** How far a seal may be from the time of its records, in milliseconds. */
const LATE_MS = 15 * 60_000
const MAX_SHOWN = 100

/**
 * Computes the chain of a day anew and compares it with what is stored. Whoever can write to the table can still cut off the end of the last
 * chain, seals and records together: against that stand the next day, exports, and every copy of {@link AuditVerification.last}.
 *
 * @param signal - ends it with its reason
 */
export async function verifyChain(
  { auditReader, seals, clock }: VerifyDependencies,
  { tenant, day }: Day,
  signal?: AbortSignal,
): Promise<AuditVerification> {
  const findings: AuditFinding[] = []
  let found = 0
  const finding: Finding = (kind, place, detail) => {
    found += 1
    if (findings.length < MAX_SHOWN) findings.push({ kind, place, detail })
  }

  const sealed: Sealed = new Map()
  let last: AuditSeal | undefined
  let count = 0
  for await (const stored of auditReader.seals(tenant, day)) {
    signal?.throwIfAborted()
    count += 1
    const seal = readSeal(stored, { tenant, day }, finding)
    if (!seal) continue
    if (last) checkLink(seal, last, finding)
    else await checkAnchor({ auditReader, seals }, seal, finding)
    for (const { place, sha256 } of seal.records) {
      if (sealed.has(place)) finding('broken', place, `seal ${seal.n} has a record that seal ${sealed.get(place)?.n} has`)
      sealed.set(place, { sha256, n: seal.n, sealedAt: seal.sealedAt })
    }
    last = seal
  }

  let records = 0
  let fresh = 0
  for await (const { place, content } of auditReader.records(tenant, day)) {
    signal?.throwIfAborted()
    records += 1
    const seal = sealed.get(place)
    sealed.delete(place)
    const time = Date.parse(place.split('#')[0] ?? '')
    if (!seal) {
      if (last && Date.parse(last.sealedAt) > time + FRESH_MS)
        finding('added', place, 'later records are sealed, this one is not')
      else if (clock.now() > time + FRESH_MS) finding('unsealed', place, 'nothing has been sealed since')
      else fresh += 1
    } else if (digestOf(content) !== seal.sha256) finding('changed', place, `it is not what seal ${seal.n} has`)
    else if (Math.abs(Date.parse(seal.sealedAt) - time) > LATE_MS) finding('late', place, `it was sealed at ${seal.sealedAt}`)
  }
  for (const [place, { n }] of sealed) finding('missing', place, `seal ${n} has it`)
  const head = last && { last: placeOfSeal(last) }
  return { day, intact: found === 0, records, seals: count, fresh, ...head, findings, found }
}

/** A seal whose content is what its hash says. */
function readSeal(stored: Stored, { tenant, day }: Day, finding: Finding): AuditSeal | undefined {
  const { data: seal } = auditSealSchema.safeParse(stored)
  // Whatever stands in its place now.
  if (!seal) return void finding('broken', sealKey(typeof stored.n === 'number' ? stored.n : 0), 'it is no seal')
  if (hashOf(stored) !== seal.hash) finding('broken', sealKey(seal.n), 'its hash is not that of its content')
  if (seal.tenant !== tenant || seal.day !== day) finding('broken', sealKey(seal.n), `it is of ${seal.tenant}, ${seal.day}`)
  return seal
}

function checkLink({ n, previous }: AuditSeal, last: AuditSeal, finding: Finding): void {
  if (n !== last.n + 1) finding('broken', sealKey(n), `it stands behind seal ${last.n}`)
  else if (!isSame(previous, placeOfSeal(last))) finding('broken', sealKey(n), 'it does not follow the seal before it')
}

/** The first seal of a day stands on a seal of a day before, which is looked up as long as that is kept. */
async function checkAnchor(
  { auditReader, seals }: Pick<VerifyDependencies, 'auditReader' | 'seals'>,
  { tenant, day, n, previous, sealedAt }: AuditSeal,
  finding: Finding,
): Promise<void> {
  if (n !== 0) finding('broken', sealKey(n), 'the seals before it are gone')
  const before = await seals.lastBefore(tenant, day)
  if (!before) return
  if (!previous) {
    if (before.sealedAt < sealedAt) finding('broken', sealKey(n), `it does not stand on the day ${before.day}`)
    return
  }
  if (isSame(previous, placeOfSeal(before))) return
  for await (const stored of auditReader.seals(tenant, previous.day))
    if (stored.n === previous.n && stored.hash === previous.hash) return
  if (previous.day >= before.day)
    finding('broken', sealKey(n), `seal ${previous.n} of ${previous.day}, on which it stands, is gone`)
}

const isSame = (one: SealPlace | null, other: SealPlace): boolean =>
  one?.day === other.day && one.n === other.n && one.hash === other.hash
