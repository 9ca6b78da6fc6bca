import { describe, expect, it } from 'vitest'
import { cancelApprovals } from '../../../../functions/changes/cancel-approvals.ts'
import { aLease, anApproval, anEnding, anExecution, memoryWorld } from '../../../helpers/executions.ts'

const clock = { now: () => Date.parse('2026-11-21T09:30:00Z') }

async function ended() {
  const { executions, approvals } = memoryWorld(clock)
  const record = anExecution()
  await executions.create(record, 0)
  await executions.acquire(record, aLease('a', clock.now()))
  const [open, decided] = [0, 1].map(() => anApproval({ executionId: record.executionId }))
  if (!open || !decided) throw new Error('there are two')
  await approvals.ask(record, 1, [open, decided])
  const end = { status: 'denied', decidedAt: '2026-11-21T09:30:00.000Z', now: clock.now() } as const
  await approvals.settle({ tenant: 'acme', ...decided }, end)
  await executions.end(record, 1, anEnding())
  const statuses = async () =>
    (await approvals.getMany('acme', [open.approvalId, decided.approvalId])).map(({ status }) => status)
  return { approvals: async () => approvals, record: (await executions.get(record)) ?? record, statuses }
}

describe('cancelApprovals', () => {
  it('takes back what nobody has decided on, and may do so twice', async () => {
    const { approvals, record, statuses } = await ended()

    for (const _time of [1, 2]) await cancelApprovals({ approvals, clock })(record)

    expect(await statuses()).toEqual(['cancelled', 'denied'])
  })

  it('does not look at approvals when none are pending', async () => {
    await cancelApprovals({ approvals: () => expect.unreachable(), clock })(anExecution({ endedAt: '2026-11-21T09:30:00.000Z' }))
  })
})
