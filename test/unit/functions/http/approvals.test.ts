import { describe, expect, it } from 'vitest'
import { mintToken } from '#shared/access/token.ts'
import { type Approval, approvalListSchema, approvalSchema } from '#shared/protocol/approval.ts'
import type { Scope } from '#shared/protocol/scopes.ts'
import { aLease, anAgent, anApproval, anEnding, anExecution } from '../../../helpers/executions.ts'
import { httpCaller, TOKEN_SECRET } from '../../../helpers/http-caller.ts'

/** An execution that waits for two approvals. */
async function withApprovals(access?: ReturnType<typeof anAgent>['access']) {
  const caller = httpCaller()
  const { executions, agents, admission, clock } = caller.dependencies
  const [now, approvals] = [clock.now(), await caller.dependencies.approvals()]
  await agents.create('acme', anAgent(access && { access }))
  const record = anExecution()
  await executions.create(record, now)
  await admission.takeSlot(record, now)
  await executions.acquire(record, aLease('a', now))
  const [first, second] = ['09:29:00', '09:29:30'].map((time) =>
    anApproval({ executionId: record.executionId, createdAt: `2026-11-21T${time}.000Z` }),
  )
  if (!first || !second) throw new Error('there are two')
  await approvals.ask(record, 1, [first, second])
  await executions.suspend(record, 1, {
    ...{ attempt: 1, postedThrough: -1, usage: undefined },
    suspended: { for: 'input', since: now, until: now + 3_600_000 },
  })
  const decide = (approval: Approval, body: unknown, token?: string) =>
    caller.call('POST', `/v1/approvals/${approval.approvalId}`, { body, ...(token !== undefined && { token }) })
  const list = async (query: Record<string, string> = {}) =>
    approvalListSchema.parse((await caller.call('GET', '/v1/approvals', { query })).body)
  const status = async () => (await executions.get(record))?.status
  return { ...caller, approvals, executions, record, first, second, decide, list, status }
}

const tokenOf = (scopes: Scope[], { tenant = 'acme', subject = 'eve' } = {}) =>
  mintToken({ subject, tenant, scopes, expiresInSeconds: 60 }, TOKEN_SECRET, { now: () => Date.parse('2026-11-21T09:30:00Z') })

describe('approvals', () => {
  it('are listed, the newest first, and shown one by one', async () => {
    const { call, list, first, second, record } = await withApprovals()

    const page = await list({ limit: '1', status: 'pending' })
    const rest = await list({ limit: '1', status: 'pending', after: page.next ?? '' })

    expect([...page.approvals, ...rest.approvals]).toEqual([second, first])
    expect((await list({ executionId: record.executionId, agentId: 'assistant' })).approvals).toHaveLength(2)
    expect((await list({ agentId: 'another' })).approvals).toEqual([])
    expect((await list({ executionId: record.executionId, agentId: 'another' })).approvals).toEqual([])
    expect(approvalSchema.parse((await call('GET', `/v1/approvals/${first.approvalId}`)).body)).toEqual(first)
  })

  it('are decided on, and the execution goes on after the last one', async () => {
    const { decide, first, second, status, workQueue, record, list } = await withApprovals()

    expect(await decide(first, { decision: 'approve' })).toMatchObject({
      status: 200,
      body: { status: 'approved', decidedBy: 'ada', decidedAt: '2026-11-21T09:30:00.000Z' },
    })
    expect(await status()).toBe('waiting_input')
    expect((await decide(second, { decision: 'deny', reason: 'too dear' })).body).toMatchObject({
      status: 'denied',
      reason: 'too dear',
    })

    expect(await status()).toBe('queued')
    expect(workQueue.sent).toEqual([{ tenant: 'acme', executionId: record.executionId, agentId: 'assistant', admit: true }])
    expect((await list({ status: 'pending' })).approvals).toEqual([])
    expect((await list({ status: 'denied' })).approvals).toMatchObject([{ approvalId: second.approvalId }])
  })

  it('are decided on once', async () => {
    const { decide, first } = await withApprovals()
    await decide(first, { decision: 'approve' })

    expect(await decide(first, { decision: 'approve', reason: 'again' })).toMatchObject({
      status: 200,
      body: { status: 'approved' },
    })
    expect(await decide(first, { decision: 'deny' })).toMatchObject({ status: 409, body: { code: 'conflict' } })
  })

  it('cannot be decided on when their time is over, or their execution', async () => {
    const late = await withApprovals()
    const stale = anApproval({ executionId: late.record.executionId, expiresAt: '2026-11-21T09:29:59.000Z' })
    const other = await withApprovals()
    await other.executions.endQueued(
      (await other.executions.get(other.record)) ?? other.record,
      anEnding({ status: 'cancelled', events: anEnding().events.slice(0, 1) }),
    )
    // Asked for by the run before.
    await late.executions.wake((await late.executions.get(late.record)) ?? late.record, { now: 0, dueAt: 0 })
    await late.executions.acquire(late.record, aLease('b', 0, { tookSlot: true }))
    await late.approvals.ask(late.record, 2, [stale])

    expect(await late.decide(stale, { decision: 'approve' })).toMatchObject({ status: 409, body: { code: 'conflict' } })
    expect((await late.list({ status: 'expired' })).approvals).toMatchObject([
      { approvalId: stale.approvalId, status: 'expired' },
    ])
    expect((await late.list({ status: 'pending' })).approvals).toHaveLength(2)
    expect(await other.decide(other.first, { decision: 'approve' })).toMatchObject({ body: { code: 'invalid_state' } })
  })

  it('stand in the audit log when they are decided on', async () => {
    const { decide, first, auditLog } = await withApprovals()

    await decide(first, { decision: 'deny', reason: 'too dear' })

    expect(auditLog.written.at(-1)?.record).toMatchObject({
      action: 'decideApproval',
      resource: `/v1/approvals/${first.approvalId}`,
      status: 200,
    })
  })
})

describe('whoever attacks approvals', () => {
  it('of another tenant finds none', async () => {
    const { call, decide, first, status } = await withApprovals()
    const token = await tokenOf(['approvals:read', 'approvals:write'], { tenant: 'globex' })

    expect((await call('GET', '/v1/approvals', { token })).body).toEqual({ approvals: [] })
    expect((await call('GET', `/v1/approvals/${first.approvalId}`, { token })).status).toBe(404)
    expect((await decide(first, { decision: 'approve' }, token)).status).toBe(404)
    expect(await status()).toBe('waiting_input')
  })

  it('with other scopes is not let in', async () => {
    const { call, decide, first, list } = await withApprovals()
    const [reader, writer] = [
      await tokenOf(['approvals:read', 'executions:write', 'agents:write']),
      await tokenOf(['executions:write']),
    ]

    expect((await decide(first, { decision: 'approve' }, reader)).status).toBe(403)
    expect((await decide(first, { decision: 'approve' }, writer)).status).toBe(403)
    expect((await call('GET', '/v1/approvals', { token: writer })).status).toBe(403)
    expect((await list({ status: 'pending' })).approvals).toHaveLength(2)
  })

  it('whom the policy of the agent does not let use it may not decide for it, whatever triggers it', async () => {
    const { decide, first } = await withApprovals({ principals: ['ada'], triggers: ['topic'] })

    expect((await decide(first, { decision: 'approve' }, await tokenOf(['approvals:write']))).status).toBe(403)
    expect((await decide(first, { decision: 'approve' })).status).toBe(200)
  })

  it.each([
    ['another decision', { decision: 'maybe' }],
    ['a name that is not his', { decision: 'approve', decidedBy: 'root' }],
    ['a status and a tenant', { decision: 'approve', status: 'approved', tenant: 'globex' }],
    ['a long reason', { decision: 'deny', reason: 'x'.repeat(1_001) }],
    ['nothing', {}],
  ])('with %s in the body is refused', async (_what, body) => {
    const { decide, first, status } = await withApprovals()

    expect((await decide(first, body)).status).toBe(422)
    expect(await status()).toBe('waiting_input')
  })

  it.each([
    ['/v1/approvals', { after: 'forged' }],
    ['/v1/approvals', { limit: '101' }],
    ['/v1/approvals', { status: 'open' }],
    ['/v1/approvals', { tenant: 'globex' }],
    ['/v1/approvals/T%23globex', {}],
  ])('with %s %j is refused', async (path, query) => {
    const { call } = await withApprovals()

    expect((await call('GET', path, { query })).status).toBe(422)
  })
})
