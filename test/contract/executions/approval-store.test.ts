import { describe, expect, it } from 'vitest'
import { newId } from '#shared/platform/ids.ts'
import type { Approval } from '#shared/protocol/approval.ts'
import { type AdmissionWorld, admissionWorlds } from '../../helpers/admission-worlds.ts'
import { aGate, aLease, anApproval, anEnding, anExecution } from '../../helpers/executions.ts'

const NOW = Date.parse('2026-11-21T09:30:00.000Z')
const clock = { now: () => NOW }
const APPROVED = { status: 'approved', decidedAt: '2026-11-21T09:30:01.000Z', decidedBy: 'ada', now: NOW + 1 } as const
const DENIED = { ...APPROVED, status: 'denied', reason: 'too dear' } as const

async function running(world: AdmissionWorld, tenant: string = newId(), agentId = 'assistant') {
  await world.putGate({ tenant, agentId }, aGate())
  const record = anExecution({ tenant, agentId })
  await world.executions.create(record, NOW)
  await world.executions.acquire(record, aLease('a', NOW))
  return record
}

const at = (second: number): string => new Date(NOW + second * 1_000).toISOString()
const keyOf = (tenant: string, { approvalId, executionId }: Approval) => ({ tenant, approvalId, executionId })
const waitsFor = async ({ executions }: AdmissionWorld, record: { tenant: string; executionId: string }) =>
  (await executions.get(record))?.pendingApprovals

describe.each(admissionWorlds())('approvals on %s', (_name, open) => {
  it('are asked for once, and the execution waits for them', async () => {
    const world = open(clock)
    const record = await running(world)
    const [first, second] = [0, 1].map(() =>
      anApproval({ executionId: record.executionId, arguments: { '': 1e21, x: null }, toolHash: 'f00d' }),
    )
    if (!first || !second) throw new Error('there are two')

    expect(await world.approvals.ask(record, 1, [first])).toBe('asked')
    expect(await world.approvals.ask(record, 1, [{ ...first, toolName: 'another' }, second])).toBe('asked')

    const found = await world.approvals.getMany(record.tenant, [first.approvalId, second.approvalId, newId()])
    expect(found).toEqual([first, second])
    expect(await waitsFor(world, record)).toEqual([first.approvalId, second.approvalId].sort())
  })

  it('are not asked for by a writer that was replaced', async () => {
    const world = open(clock)
    const record = await running(world)
    const approval = anApproval({ executionId: record.executionId })

    expect(await world.approvals.ask(record, 2, [approval])).toBe('lost')

    expect(await world.approvals.getMany(record.tenant, [approval.approvalId])).toEqual([])
    expect(await waitsFor(world, record)).toBeUndefined()
  })

  it('are decided on once, whoever is faster', async () => {
    const world = open(clock)
    const record = await running(world)
    const approval = anApproval({ executionId: record.executionId })
    await world.approvals.ask(record, 1, [approval])
    const key = keyOf(record.tenant, approval)

    const results = await Promise.all([APPROVED, DENIED, APPROVED].map((end) => world.approvals.settle(key, end)))

    expect(results.sort()).toEqual(['changed', 'changed', 'settled'])
    const [decided] = await world.approvals.getMany(record.tenant, [approval.approvalId])
    expect(['approved', 'denied']).toContain(decided?.status)
    expect(decided).toMatchObject({ decidedBy: 'ada', expiresAt: approval.expiresAt })
    expect(await waitsFor(world, record)).toBeUndefined()
  })

  it('stay with their tenant and their execution', async () => {
    const world = open(clock)
    const record = await running(world)
    const approval = anApproval({ executionId: record.executionId })
    await world.approvals.ask(record, 1, [approval])
    const foreign = await running(world)

    expect(await world.approvals.getMany(foreign.tenant, [approval.approvalId])).toEqual([])
    expect(await world.approvals.settle(keyOf(foreign.tenant, approval), APPROVED)).toBe('changed')
    expect(await world.approvals.settle({ ...keyOf(record.tenant, approval), executionId: foreign.executionId }, APPROVED)).toBe(
      'changed',
    )
    expect(await waitsFor(world, record)).toEqual([approval.approvalId])
  })

  it('can only be cancelled when their execution has ended', async () => {
    const world = open(clock)
    const record = await running(world)
    const approval = anApproval({ executionId: record.executionId })
    await world.approvals.ask(record, 1, [approval])
    await world.executions.end(record, 1, anEnding())
    const key = keyOf(record.tenant, approval)

    expect(await world.approvals.settle(key, APPROVED)).toBe('changed')
    expect(await world.approvals.settle(key, { ...APPROVED, status: 'cancelled' })).toBe('settled')
  })

  it('are listed by tenant, agent and execution, the newest first, page by page, those that are pending apart', async () => {
    const world = open(clock)
    const tenant = newId()
    const [one, other] = [await running(world, tenant, 'one'), await running(world, tenant, 'other')]
    const approvals = [one, other, one, other, one].map(({ executionId, agentId }, second) =>
      anApproval({ executionId, agentId, createdAt: at(second) }),
    )
    for (const approval of approvals) await world.approvals.ask(approval.agentId === 'one' ? one : other, 1, [approval])
    const settled = approvals[2] as Approval
    await world.approvals.settle(keyOf(tenant, settled), DENIED)
    const idsOf = (found: readonly Approval[]) => found.map(({ approvalId }) => approvalId)
    const list = async (of: Parameters<typeof world.approvals.list>[0]['of'], pending?: boolean) => {
      const found: Approval[] = []
      for (let after: string | undefined; ; ) {
        const page = await world.approvals.list({ tenant, of, pending }, { limit: 2, after })
        found.push(...page.approvals)
        after = page.next
        if (after === undefined) return idsOf(found)
      }
    }
    const newest = approvals.toReversed()

    expect(await list(undefined)).toEqual(idsOf(newest))
    expect(await list(undefined, true)).toEqual(idsOf(newest.filter((each) => each !== settled)))
    expect(await list(undefined, false)).toEqual([settled.approvalId])
    expect(await list({ agentId: 'one' })).toEqual(idsOf(newest.filter(({ agentId }) => agentId === 'one')))
    expect(await list({ agentId: 'other' }, false)).toEqual([])
    expect(await list({ executionId: other.executionId }, true)).toEqual(
      idsOf(newest.filter(({ executionId }) => executionId === other.executionId)),
    )
    expect((await world.approvals.list({ tenant: newId() }, { limit: 10 })).approvals).toEqual([])
    await expect(world.approvals.list({ tenant }, { limit: 10, after: 'forged' })).rejects.toMatchObject({
      code: 'validation_error',
    })
  })
})
