import type { Approval } from '#shared/protocol/approval.ts'
import { asOf } from './approval-record.ts'
import type { DecideDependencies } from './decide-approval.ts'

/** What of a tenant's approvals is listed: all where nothing is said. */
export type ApprovalFilter = {
  status?: Approval['status'] | undefined
  agentId?: string | undefined
  executionId?: string | undefined
}

/**
 * A page of approvals, the newest first, as they are at this moment. With a status, or with both ids, a page may be short, or empty, though there is
 * a next one.
 *
 * @throws ValidationError for a foreign cursor
 */
export async function listApprovals(
  { approvals, clock }: Pick<DecideDependencies, 'approvals' | 'clock'>,
  tenant: string,
  { status, agentId, executionId }: ApprovalFilter,
  page: { limit: number; after?: string | undefined },
): Promise<{ approvals: Approval[]; next?: string }> {
  const of = executionId === undefined ? (agentId === undefined ? undefined : { agentId }) : { executionId }
  // Those that have run out are pending until their execution has noticed.
  const pending = status === undefined || status === 'expired' ? undefined : status === 'pending'
  const { approvals: found, ...next } = await (await approvals()).list({ tenant, of, pending }, page)
  const isWanted = (approval: Approval): boolean =>
    (status === undefined || approval.status === status) && (agentId === undefined || approval.agentId === agentId)
  return { approvals: found.map((approval) => asOf(approval, clock.now())).filter(isWanted), ...next }
}
