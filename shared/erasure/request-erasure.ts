import type { Principal } from '#shared/access/principal.ts'
import type { TenantGate } from '#shared/limits/tenant-gate.ts'
import { type Clock, timestamp } from '#shared/platform/clock.ts'
import { NotFoundError, SluiceError, ValidationError } from '#shared/platform/errors.ts'
import { derivedId, newId } from '#shared/platform/ids.ts'
import type { ErasureView } from '#shared/protocol/erasure.ts'
import { type Erasure, toErasureView } from './erasure.ts'
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

/**
 * Begins to erase the caller's own tenant, and closes it. There is no way back. A tenant that is closed can ask again, where an erasure failed.
 *
 * @throws ValidationError unless the caller names the tenant, SluiceError `invalid_state` while agents are deployed for it
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
  const erasure: Erasure = {
    erasureId: idempotencyKey === undefined ? newId() : derivedId('erasure', tenant, subject, idempotencyKey),
    tenant,
    status: 'stopping',
    requestedBy: subject,
    requestedAt: timestamp(clock),
    passes: 0,
    erased: {},
    revision: 1,
  }
  const standing = await erasures.create(erasure)
  if (standing) return standing
  // Before the tenant is closed: nobody could ask again. Whoever works on it closes it too.
  await erasureQueue.send(erasure.erasureId)
  await tenantGate.close(tenant)
  return erasure
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
