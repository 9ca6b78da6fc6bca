import { requireScope } from '#shared/access/require-scope.ts'
import { decideApproval } from '#shared/executions/decide-approval.ts'
import type { ClientFrame } from '#shared/protocol/socket-frame.ts'
import { type KnownIncoming, reply } from './incoming.ts'

/** Decides on a call of a tool, and answers with the approval as it stands. */
export async function receiveDecision(
  incoming: KnownIncoming,
  { id, payload }: Extract<ClientFrame, { message_type: 'approval_decision' }>,
): Promise<void> {
  const { dependencies, connection, record } = incoming
  const { rateLimiter } = await dependencies.limits()
  await rateLimiter.take(connection.principal)
  requireScope(connection.principal, 'approvals:write')
  const { approvalId, ...decision } = payload
  const approval = await decideApproval(dependencies, connection.principal, approvalId, decision)
  const frame = { action: 'approval_decision', resource: `/v1/approvals/${approvalId}`, request: payload }
  await record.once(frame, { status: 200, after: approval })
  await reply(incoming, { message_type: 'approval_decided', response_to: id, payload: approval })
}
