import { describe, expect, it } from 'vitest'
import { serverFrameSchema } from '#shared/protocol/socket-frame.ts'
import { aLease, anAgent, anApproval, anExecution } from '../../../helpers/executions.ts'
import { socketDoor } from '../../../helpers/socket-door.ts'

/** A connection, and an execution that waits for an approval. */
async function withApproval(principal: Parameters<ReturnType<typeof socketDoor>['open']>[0] = {}) {
  const door = socketDoor()
  const { agents, executions, admission, clock } = door.dependencies
  const now = clock.now()
  await agents.create('acme', anAgent())
  const record = anExecution()
  await executions.create(record, now)
  await admission.takeSlot(record, now)
  await executions.acquire(record, aLease('a', now))
  const approval = anApproval({ executionId: record.executionId })
  await (await door.dependencies.approvals()).ask(record, 1, [approval])
  const suspended = { for: 'input', since: now, until: now + 3_600_000 } as const
  await executions.suspend(record, 1, { attempt: 1, postedThrough: -1, usage: undefined, suspended })
  await door.open(principal)
  const { approvalId } = approval
  const decide = (payload: object = {}) =>
    door.send({ message_type: 'approval_decision', id: 'd1', payload: { approvalId, decision: 'approve', ...payload } })
  return { ...door, decide, approvalId, status: async () => (await executions.get(record))?.status }
}

describe('an approval_decision', () => {
  it('is answered with the approval, and the execution goes on', async () => {
    const { decide, status, workQueue, auditLog, approvalId } = await withApproval()

    const frames = await decide({ decision: 'deny', reason: 'too dear' })

    expect(frames.map((frame) => serverFrameSchema.parse(frame))).toMatchObject([
      { message_type: 'approval_decided', response_to: 'd1', payload: { status: 'denied', reason: 'too dear' } },
    ])
    expect(await status()).toBe('queued')
    expect(workQueue.sent).toMatchObject([{ admit: true }])
    expect(auditLog.written.map(({ record }) => record)).toMatchObject([
      { action: 'approval_decision', resource: `/v1/approvals/${approvalId}`, status: 200 },
    ])
  })

  it.each([
    ['without the scope', { scopes: ['approvals:read', 'executions:write'] }, {}, 'forbidden'],
    ['of another tenant', { tenant: 'globex' }, {}, 'not_found'],
    ['with a forged field', {}, { decidedBy: 'root' }, 'validation_error'],
    ['with a forged id', {}, { approvalId: 'T#acme#APPROVAL#x' }, 'validation_error'],
  ] as const)('%s is refused', async (_what, principal, payload, code) => {
    const { decide, status } = await withApproval({
      ...principal,
      ...('scopes' in principal && { scopes: [...principal.scopes] }),
    })

    expect(await decide(payload)).toMatchObject([{ message_type: 'error', response_to: 'd1', payload: { code } }])
    expect(await status()).toBe('waiting_input')
  })
})
