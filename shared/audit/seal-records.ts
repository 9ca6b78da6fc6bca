import type { Clock } from '#shared/platform/clock.ts'
import { timestamp } from '#shared/platform/clock.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import type { AuditSeal } from '#shared/protocol/audit.ts'
import { placeOfSeal, type StoredRecord, sealOf } from './seal.ts'
import type { SealStore } from './seal-store.ts'

export type SealDependencies = { seals: SealStore; clock: Clock }

/** Containers that seal the same day at the same time are rare: somebody else was first so often only when something is wrong. */
const MAX_TRIES = 10
/** How far apart the clocks of two containers may be, in milliseconds. */
const CLOCK_SKEW_MS = 5_000

/**
 * Seals records of a tenant's day, each once, whatever comes again or at the same time. A seal has the number after the last one, which only one
 * can have; and a record can only stand in a seal that was made after it, so the seals since then are all that must be looked at.
 *
 * @param records - of this day, in any order; those that are sealed already are left out
 * @throws SluiceError `unavailable` when others were always first
 */
export async function sealRecords(
  { seals, clock }: SealDependencies,
  { tenant, day }: { tenant: string; day: string },
  records: StoredRecord[],
): Promise<AuditSeal | undefined> {
  const unique = [...new Map(records.map((record) => [record.place, record])).values()]
  const oldest = unique.map(({ place }) => timeOf(place)).reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY)
  if (unique.length === 0) return undefined
  const since = new Date(oldest - CLOCK_SKEW_MS).toISOString()
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const recent = await seals.recent(tenant, day, since)
    const sealed = new Set(recent.flatMap((seal) => seal.records.map(({ place }) => place)))
    const open = unique.filter(({ place }) => !sealed.has(place)).toSorted(byPlace)
    if (open.length === 0) return undefined
    const last = recent[0] ?? (await firstOf({ seals }, tenant, day))
    const seal = sealOf({ tenant, day, previous: last ? placeOfSeal(last) : null, sealedAt: timestamp(clock) }, open)
    if ((await seals.put(seal)) === 'put') return seal
  }
  throw new SluiceError('unavailable', `the day ${day} is being sealed by others`)
}

/** What the first seal of a day stands on. */
async function firstOf({ seals }: Pick<SealDependencies, 'seals'>, tenant: string, day: string): Promise<AuditSeal | undefined> {
  await seals.openDay(tenant, day)
  return seals.lastBefore(tenant, day)
}

const timeOf = (place: string): number => Date.parse(place.split('#')[0] ?? '')

const byPlace = (one: StoredRecord, other: StoredRecord): number => (one.place < other.place ? -1 : 1)
