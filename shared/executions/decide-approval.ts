import type { Principal } from '#shared/access/principal.ts'
import { mayUse } from '#shared/agents/agent-access.ts'
import type { AgentStore } from '#shared/agents/agent-store.ts'
import { timestamp } from '#shared/platform/clock.ts'
import { NotFoundError, SluiceError } from '#shared/platform/errors.ts'
import type { Approval, DecideApproval } from '#shared/protocol/approval.ts'
import type { AdmissionDependencies } from './admission.ts'
import { asOf } from './approval-record.ts'
import type { ApprovalStore } from './approval-store.ts'
import { wakeExecution } from './wake-execution.ts'

export type DecideDependencies = AdmissionDependencies & {
  agents: AgentStore
  approvals(): Promise<ApprovalStore>
}

/**
 * Decides on a call of a tool, and has its execution go on once nothing is left to decide. The first decision counts. Repeatable: the same
 * decision again changes nothing, but wakes the execution once more, should whoever decided have stopped right before that.
 *
 * @throws NotFoundError, SluiceError `forbidden` to whom the agent's policy does not let use it, `conflict` when it was decided otherwise or its
 *   time is over, `invalid_state` when its execution has ended
 */
export async function decideApproval(
  dependencies: DecideDependencies,
  { tenant, subject, roles = [] }: Principal,
  approvalId: string,
  { decision, reason }: DecideApproval,
): Promise<Approval> {
  const { agents, clock } = dependencies
  const approval = await findApproval(dependencies, tenant, approvalId)
  const { triggers: _, ...access } = (await agents.get(tenant, approval.agentId))?.access ?? {}
  if (!mayUse(access, { trigger: 'request', subject, roles }))
    throw new SluiceError('forbidden', `the policy of the agent "${approval.agentId}" does not allow this`)

  const status = decision === 'approve' ? 'approved' : 'denied'
  const key = { tenant, approvalId, executionId: approval.executionId }
  const end = { status, decidedAt: timestamp(clock), decidedBy: subject, reason, now: clock.now() } as const
  if (approval.status === 'pending') await (await dependencies.approvals()).settle(key, end)
  const standing = await findApproval(dependencies, tenant, approvalId)
  if (standing.status === 'pending') throw new SluiceError('invalid_state', 'the execution that asked has ended')
  if (standing.status !== status) throw new SluiceError('conflict', `the approval is ${standing.status} already`)
  await wakeExecution(dependencies, key)
  return standing
}

/** An approval as it is at this moment. @throws NotFoundError */
export async function findApproval(
  { approvals, clock }: Pick<DecideDependencies, 'approvals' | 'clock'>,
  tenant: string,
  approvalId: string,
): Promise<Approval> {
  const [approval] = await (await approvals()).getMany(tenant, [approvalId])
  if (!approval) throw new NotFoundError('approval', approvalId)
  return asOf(approval, clock.now())
}
