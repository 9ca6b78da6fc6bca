import type { Principal } from '#shared/access/principal.ts'
import type { TenantGate } from '#shared/limits/tenant-gate.ts'
import { type Clock, timestamp } from '#shared/platform/clock.ts'
import { NotFoundError, SluiceError, ValidationError } from '#shared/platform/errors.ts'
import { derivedId } from '#shared/platform/ids.ts'
import type { ErasureView } from '#shared/protocol/erasure.ts'
import { type Erasure, hasEnded, toErasureView } from './erasure.ts'
import type { ErasureQueue } from './erasure-queue.ts'
import type { ErasureStore } from './erasure-store.ts'

export type RequestErasureDependencies = {
  erasures: ErasureStore
  erasureQueue: ErasureQueue
  tenantGate: TenantGate
  /** The tenant of agents that were deployed as code, and their names: the stage registers them again and again. */
  defaultTenant: string
  declaredAgents: readonly string[]
  clock: Clock
}

/** Erasures of one tenant. */
const MAX_ERASURES = 100

/**
 * Begins to erase the caller's own tenant, and closes it. There is no way back. Everything of everybody is looked at for it, so a tenant has one
 * erasure at a time: whoever asks meanwhile gets the one that goes on. Where it failed, the tenant, which is closed, can ask again.
 *
 * @throws ValidationError unless the caller names the tenant, SluiceError `invalid_state` while agents are deployed for it, `quota_exceeded` when
 *   it has been erased {@link MAX_ERASURES} times
 */
export async function requestErasure(
  { erasures, erasureQueue, tenantGate, defaultTenant, declaredAgents, clock }: RequestErasureDependencies,
  { tenant, subject }: Principal,
  { confirm }: { confirm: string },
  { idempotencyKey }: { idempotencyKey?: string | undefined } = {},
): Promise<Erasure> {
  if (confirm !== tenant) throw new ValidationError('"confirm" is not the name of your tenant')
  if (tenant === defaultTenant && declaredAgents.length > 0)
    throw new SluiceError('invalid_state', `agents in code are deployed for this tenant: ${declaredAgents.join(', ')}`)
  const requestKey = idempotencyKey === undefined ? undefined : derivedId('erasure-request', tenant, subject, idempotencyKey)
  for (let turn = 0; turn < MAX_ERASURES; turn++) {
    const asked: Erasure = {
      erasureId: derivedId('erasure', tenant, String(turn)),
      tenant,
      status: 'stopping',
      requestedBy: subject,
      requestedAt: timestamp(clock),
      passes: 0,
      erased: {},
      ...(requestKey !== undefined && { requestKey }),
      revision: 1,
    }
    const erasure = (await erasures.create(asked)) ?? asked
    const isAnswer = !hasEnded(erasure) || (requestKey !== undefined && erasure.requestKey === requestKey)
    if (!isAnswer) continue
    if (!hasEnded(erasure) && erasure.closedAt === undefined) {
      // Repeatable, and the message goes first: whoever works on it closes the tenant too.
      await erasureQueue.send(erasure.erasureId)
      await tenantGate.close(tenant)
    }
    return erasure
  }
  throw new SluiceError('quota_exceeded', `the tenant has been erased ${MAX_ERASURES} times`)
}

/** @throws NotFoundError, also for that of another tenant */
export async function findErasure(
  { erasures }: Pick<RequestErasureDependencies, 'erasures'>,
  { tenant }: Principal,
  erasureId: string,
): Promise<ErasureView> {
  const erasure = await erasures.get(erasureId)
  if (erasure?.tenant !== tenant) throw new NotFoundError('erasure', erasureId)
  return toErasureView(erasure)
}
