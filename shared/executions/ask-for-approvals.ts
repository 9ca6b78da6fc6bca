import { SluiceError } from '#shared/platform/errors.ts'
import { retry } from '#shared/platform/retry.ts'
import type { Approval } from '#shared/protocol/approval.ts'
import { StreamLostError } from '#shared/streams/stream-lost-error.ts'
import type { ApprovalRequest } from './answerer.ts'
import { approvalIdOf, asOf, isOverdue, newApproval } from './approval-record.ts'
import type { ExecutionRecord } from './execution-record.ts'
import type { RunDependencies } from './run.ts'
import { STORE_RETRIES } from './store-retries.ts'

/** Most approvals that one execution asks for at once. */
const MAX_AT_ONCE = 50

/**
 * Asks people about calls of tools. Repeatable: calls that were asked about before keep their approval, and its end. Those whose time is over are
 * settled, so that the execution does not wait for them.
 *
 * @returns how each stands now, in the order of the calls
 * @throws StreamLostError when another worker has taken over, SluiceError `validation_error` for too many at once
 */
export async function askForApprovals(
  { approvals, clock }: Pick<RunDependencies, 'approvals' | 'clock'>,
  record: ExecutionRecord,
  requests: readonly ApprovalRequest[],
): Promise<Approval[]> {
  if (requests.length > MAX_AT_ONCE)
    throw new SluiceError('validation_error', `more than ${MAX_AT_ONCE} calls at once cannot be decided on`)
  const store = await approvals()
  const { tenant, executionId } = record
  const ids = requests.map((request) => approvalIdOf(executionId, request))
  const read = () => retry(() => store.getMany(tenant, ids), STORE_RETRIES)

  const known = new Set((await read()).map(({ approvalId }) => approvalId))
  const fresh = requests.map((request) => newApproval(record, request, clock.now())).filter((one) => !known.has(one.approvalId))
  if (fresh.length > 0) {
    const asked = await retry(() => store.ask(record, record.fence, fresh), STORE_RETRIES)
    if (asked === 'lost') throw new StreamLostError(executionId)
  }
  const standing = new Map((await read()).map((approval) => [approval.approvalId, approval]))
  return Promise.all(ids.map((approvalId) => settled(standing.get(approvalId))))

  async function settled(approval: Approval | undefined): Promise<Approval> {
    if (!approval) throw new SluiceError('internal', 'an approval that was asked for is not there')
    const now = clock.now()
    if (!isOverdue(approval, now)) return approval
    const { approvalId, expiresAt: decidedAt } = approval
    const key = { tenant, approvalId, executionId }
    const result = await retry(() => store.settle(key, { status: 'expired', decidedAt, now }), STORE_RETRIES)
    if (result === 'settled') return asOf(approval, now)
    // Somebody has decided at the last moment.
    return (await store.getMany(tenant, [approvalId]))[0] ?? approval
  }
}
