import { LEASE_MS, type TenantGate } from '#shared/limits/tenant-gate.ts'
import { timestamp } from '#shared/platform/clock.ts'
import type { Log } from '#shared/platform/log.ts'
import type { ErasureCounts } from '#shared/protocol/erasure.ts'
import { type Erasure, hasEnded, type Pass } from './erasure.ts'
import type { ErasurePlace, Step } from './erasure-place.ts'
import type { ErasureQueue } from './erasure-queue.ts'
import type { ErasureStore } from './erasure-store.ts'
import { type QuietDependencies, quietTenant } from './quiet-tenant.ts'

export type EraseTenantDependencies = QuietDependencies & {
  erasures: ErasureStore
  erasureQueue: ErasureQueue
  tenantGate: TenantGate
  /** Everywhere that tenants have data. */
  places: readonly ErasurePlace[]
  /** How long running work is waited for, in milliseconds; then it is erased under its writers, who notice. */
  patienceMs: number
  logger: Log
}

/** Between two looks whether everything has ended, in seconds; longer than requests taken on credit go on. */
const LOOK_SECONDS = Math.ceil(LEASE_MS / 1_000) + 5
/** Before the next pass, in seconds: what followed from the changes of the last one has happened by then. */
const SETTLE_SECONDS = 20
/** Passes until one must have found nothing. */
const MAX_PASSES = 10

/**
 * Goes on with an erasure as far as the time allows, and has the queue start the next invocation. Every step is repeatable, so after a crash the
 * message that comes again makes up for it. First the tenant is closed and what runs comes to its end; then everything is looked at,
 * pass by pass: what follows from erasing an item (a counter, an event) is met by the next one. The pass that finds nothing is the proof.
 *
 * @param signal - ends it between two steps
 * @throws SluiceError `unavailable`: the message comes again
 */
export async function eraseTenant(dependencies: EraseTenantDependencies, erasureId: string, signal: AbortSignal): Promise<void> {
  const { erasures, erasureQueue } = dependencies
  let erasure = await erasures.get(erasureId)
  while (erasure && !hasEnded(erasure)) {
    if (signal.aborted) return erasureQueue.send(erasureId)
    const { next, pauseSeconds } = await advance(dependencies, erasure, signal)
    // Another invocation works on it: the queue has given the message twice.
    if ((await erasures.save({ ...next, revision: erasure.revision + 1 })) === 'changed') return
    if (pauseSeconds !== undefined) return erasureQueue.send(erasureId, pauseSeconds)
    erasure = { ...next, revision: erasure.revision + 1 }
  }
}

/** What comes next, and how long to wait for it; at once when `pauseSeconds` is absent. */
type Advance = { next: Erasure; pauseSeconds?: number }

const advance = (dependencies: EraseTenantDependencies, erasure: Erasure, signal: AbortSignal): Promise<Advance> =>
  erasure.status === 'stopping' ? stop(dependencies, erasure, signal) : erase(dependencies, erasure, signal)

async function stop(dependencies: EraseTenantDependencies, erasure: Erasure, signal: AbortSignal): Promise<Advance> {
  const { clock, tenantGate, patienceMs, logger } = dependencies
  const { erasureId, tenant, closedAt } = erasure
  await tenantGate.close(tenant)
  const isQuiet = await quietTenant(dependencies, tenant, signal)
  if (closedAt === undefined) return { next: { ...erasure, closedAt: timestamp(clock) }, pauseSeconds: LOOK_SECONDS }
  const waitedMs = clock.now() - Date.parse(closedAt)
  if (waitedMs < LEASE_MS || (!isQuiet && waitedMs < patienceMs)) return { next: erasure, pauseSeconds: LOOK_SECONDS }
  logger.info('tenant_erasing', { tenant, erasureId, isQuiet })
  return { next: { ...erasure, status: 'erasing', passes: 1, pass: firstStep(dependencies) } }
}

async function erase(dependencies: EraseTenantDependencies, erasure: Erasure, signal: AbortSignal): Promise<Advance> {
  const pass = erasure.pass ?? firstStep(dependencies)
  const place = dependencies.places[pass.place]
  if (!place) return endPass(dependencies, erasure, pass)
  const step = await place.erase(erasure.tenant, pass.cursor, signal)
  const erased = add(erasure.erased, place.name, step.found)
  return { next: { ...erasure, erased, pass: afterStep(pass, place, step) } }
}

function endPass(dependencies: EraseTenantDependencies, erasure: Erasure, { startedAt, looked, found }: Pass): Advance {
  const { clock, logger } = dependencies
  const { erasureId, tenant, passes, erased } = erasure
  const endedAt = timestamp(clock)
  const total = Object.values(found).reduce((sum, count) => sum + count, 0)
  const ended = { ...erasure, pass: undefined, endedAt }
  if (total === 0) {
    logger.info('tenant_erased', { tenant, erasureId, passes, erased })
    return { next: { ...ended, status: 'erased', proof: { startedAt, endedAt, looked, found } } }
  }
  if (passes < MAX_PASSES) return { next: { ...erasure, passes: passes + 1, pass: undefined }, pauseSeconds: SETTLE_SECONDS }
  logger.error('tenant_erasure_failed', { tenant, erasureId, passes, found })
  return { next: { ...ended, status: 'failed', detail: `somebody still writes: pass ${passes} found ${total}` } }
}

function firstStep({ clock, places }: EraseTenantDependencies): Pass {
  const none: ErasureCounts = Object.fromEntries(places.map(({ name }) => [name, 0]))
  return { startedAt: timestamp(clock), place: 0, looked: none, found: none }
}

function afterStep(pass: Pass, { name }: ErasurePlace, { looked, found, next }: Step): Pass {
  const counted = { ...pass, looked: add(pass.looked, name, looked), found: add(pass.found, name, found) }
  return next === undefined ? { ...counted, place: pass.place + 1, cursor: undefined } : { ...counted, cursor: next }
}

const add = (counts: ErasureCounts, name: string, by: number): ErasureCounts => ({ ...counts, [name]: (counts[name] ?? 0) + by })
