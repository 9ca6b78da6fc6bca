import { derivedId } from '#shared/platform/ids.ts'
import { sha256 } from '#shared/platform/sha256.ts'
import type { Approval } from '#shared/protocol/approval.ts'
import type { ApprovalRequest } from './answerer.ts'
import type { ExecutionRecord } from './execution-record.ts'

/**
 * The id of an approval: whoever asks again for the same call asks for the same approval. The tool and its arguments are part of the call, so a decision
 * never counts for others than those that were shown. How the tool was defined stands in the approval, and is compared before the call is made.
 */
export const approvalIdOf = (executionId: string, { callId, toolName, arguments: given }: ApprovalRequest): string =>
  derivedId('approval', executionId, callId, toolName, sha256(JSON.stringify(given ?? null)))

/** A new approval. @param now - milliseconds since the epoch */
export function newApproval({ executionId, agentId }: ExecutionRecord, request: ApprovalRequest, now: number): Approval {
  const { callId, toolName, toolHash, timeoutSeconds } = request
  return {
    approvalId: approvalIdOf(executionId, request),
    ...{ executionId, agentId, callId, toolName },
    arguments: JSON.parse(JSON.stringify(request.arguments ?? null)),
    ...(toolHash !== undefined && { toolHash }),
    status: 'pending',
    createdAt: new Date(now).toISOString(),
    expiresAt: new Date(now + timeoutSeconds * 1_000).toISOString(),
  }
}

/** Whether nobody may decide on it any more, since its time is over. */
export const isOverdue = ({ status, expiresAt }: Approval, now: number): boolean =>
  status === 'pending' && Date.parse(expiresAt) <= now

/** An approval as it is at this moment: its execution may not have noticed yet that its time is over. */
export const asOf = (approval: Approval, now: number): Approval =>
  isOverdue(approval, now) ? { ...approval, status: 'expired', decidedAt: approval.expiresAt } : approval
