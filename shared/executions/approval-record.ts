import { derivedId } from '#shared/platform/ids.ts'
import { sha256 } from '#shared/platform/sha256.ts'
import { type Approval, MAX_APPROVAL_ARGUMENTS_BYTES } from '#shared/protocol/approval.ts'
import type { ApprovalRequest } from './answerer.ts'
import type { ExecutionRecord } from './execution-record.ts'

/**
 * The id of an approval: whoever asks again for the same call asks for the same approval. The tool and its arguments are part of the call, so a decision
 * never counts for others than those that were shown.
 */
export const approvalIdOf = (executionId: string, { callId, toolName, arguments: given }: ApprovalRequest): string =>
  derivedId('approval', executionId, callId, toolName, sha256(JSON.stringify(given ?? null)))

/** A new approval. @param now - milliseconds since the epoch */
export function newApproval({ executionId, agentId }: ExecutionRecord, request: ApprovalRequest, now: number): Approval {
  const { callId, toolName, timeoutSeconds } = request
  return {
    approvalId: approvalIdOf(executionId, request),
    ...{ executionId, agentId, callId, toolName },
    ...shownArguments(request.arguments),
    status: 'pending',
    createdAt: new Date(now).toISOString(),
    expiresAt: new Date(now + timeoutSeconds * 1_000).toISOString(),
  }
}

/** Arguments are kept as they are, or the beginning of their JSON where they are too large to be shown; then that is said. */
function shownArguments(given: unknown): Pick<Approval, 'arguments' | 'cut'> {
  const json = JSON.stringify(given ?? null)
  if (Buffer.byteLength(json) <= MAX_APPROVAL_ARGUMENTS_BYTES) return { arguments: JSON.parse(json) }
  return { arguments: Buffer.from(json).subarray(0, MAX_APPROVAL_ARGUMENTS_BYTES).toString(), cut: true }
}

/** Whether nobody may decide on it any more, since its time is over. */
export const isOverdue = ({ status, expiresAt }: Approval, now: number): boolean =>
  status === 'pending' && Date.parse(expiresAt) <= now

/** An approval as it is at this moment: its execution may not have noticed yet that its time is over. */
export const asOf = (approval: Approval, now: number): Approval =>
  isOverdue(approval, now) ? { ...approval, status: 'expired', decidedAt: approval.expiresAt } : approval
