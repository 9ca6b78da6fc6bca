import { describe, expect, it } from 'vitest'
import type { AnswerRequest, ApprovalRequest } from '#shared/executions/answerer.ts'
import { cancelWaiting } from '#shared/executions/cancel-waiting.ts'
import { decideApproval } from '#shared/executions/decide-approval.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { repairSlots } from '#shared/executions/repair-slots.ts'
import { wakeExecution } from '#shared/executions/wake-execution.ts'
import type { Approval } from '#shared/protocol/approval.ts'
import { byCode, type Scene, say, workerScene } from '../../helpers/worker.ts'

const MINUTE_MS = 60_000
const HOUR_SECONDS = 3_600
const ADA = { tenant: 'acme', subject: 'ada', scopes: [] }
const AGENT = { tenant: 'acme', agentId: 'assistant' }

/** Asks about calls, waits for the decisions, and says them. */
const asking = (callIds: string[], { before = async () => undefined, timeoutSeconds = HOUR_SECONDS }: Asking = {}) =>
  byCode(async (request) => {
    if (request.checkpoints.state === undefined) say(request, 'asked: ')
    const calls = callIds.map((callId) => ({ callId, toolName: 'pay', arguments: { amount: 3 }, timeoutSeconds }))
    const asked = await request.approvals.ask(calls)
    await before(asked)
    const pending = asked.filter(({ status }) => status === 'pending').map(({ expiresAt }) => Date.parse(expiresAt))
    if (pending.length > 0) await request.checkpoints.suspend('asked', { for: 'input', until: Math.min(...pending) })
    say(request, asked.map(({ status }) => status).join(', '))
  })

type Asking = { before?: (asked: Approval[]) => Promise<unknown>; timeoutSeconds?: number }

/** Asks about one call and makes another one under its name, after the decision. */
const swapping = (first: ApprovalRequest, then: ApprovalRequest) =>
  byCode(async (request) => {
    const hasAsked = request.checkpoints.state !== undefined
    const [asked] = await request.approvals.ask([hasAsked ? then : first])
    if (asked?.status === 'pending')
      await request.checkpoints.suspend('asked', { for: 'input', until: Date.parse(asked.expiresAt) })
    say(request, `${JSON.stringify(asked?.arguments)} is ${asked?.status}`)
  })

/** Waits for its turn as long as it is told to. */
const inTurn = (mayGo: () => boolean, before: (request: AnswerRequest) => Promise<unknown> = async () => undefined) =>
  byCode(async (request) => {
    await before(request)
    if (!mayGo()) await request.checkpoints.suspend('waits', { for: 'turn', until: Date.now() + HOUR_SECONDS * 1_000 })
    say(request, 'my turn')
  })

const pendingOf = async (scene: Scene, { executionId }: ExecutionRecord) =>
  (await (await scene.approvals()).list({ tenant: 'acme', of: { executionId }, pending: true }, { limit: 10 })).approvals

const decide = async (scene: Scene, record: ExecutionRecord, decision: 'approve' | 'deny') => {
  const [approval] = await pendingOf(scene, record)
  return decideApproval(scene.dependencies, ADA, approval?.approvalId ?? '', { decision })
}

describe('an execution that waits for a person', () => {
  it('gives its slot to the next, and goes on in the same attempt when all is decided', async () => {
    const scene = await workerScene()
    const record = await scene.submit()
    const answerer = asking(['a', 'b'])

    expect(await scene.work(answerer, record)).toBe('suspended')

    expect(await scene.stored(record)).toMatchObject({ status: 'waiting_input', attempt: 1, nextAttempt: 1 })
    expect((await scene.gate())?.active).toEqual([])
    const before = scene.sent.length
    await decide(scene, record, 'approve')
    expect(scene.sent).toHaveLength(before)
    await decide(scene, record, 'deny')
    expect(await scene.stored(record)).toMatchObject({ status: 'queued', retryAt: expect.any(Number) })
    expect(scene.lastSent()).toMatchObject({ item: { executionId: record.executionId, admit: true } })
    expect(await scene.work(answerer, scene.lastSent().item)).toBe('ended')

    const ended = await scene.expectEnd(record, 'completed')
    expect(ended.output?.text).toMatch(/^asked: (approved, denied|denied, approved)$/)
    expect(ended).toMatchObject({ attempt: 1, fence: 2 })
    expect((await scene.events(record)).map(({ type }) => type)).not.toContain('retrying')
    expect((await scene.gate())?.active).toEqual([])
  })

  it('does not count the time that it waits', async () => {
    const scene = await workerScene()
    const record = await scene.submit({ timeoutSeconds: 60 })
    await scene.work(asking(['a']), record)
    scene.later(30 * MINUTE_MS)
    await decide(scene, record, 'approve')

    expect(await scene.work(asking(['a']), scene.lastSent().item)).toBe('ended')

    expect((await scene.expectEnd(record, 'completed')).waitedMs).toBeGreaterThanOrEqual(30 * MINUTE_MS)
  })

  it('goes on at once when all was decided between the question and the wait', async () => {
    const scene = await workerScene()
    const record = await scene.submit()
    const hasty = asking(['a'], { before: async (asked) => asked[0]?.status === 'pending' && decide(scene, record, 'approve') })

    expect(await scene.work(hasty, record)).toBe('handed_over')

    expect(await scene.stored(record)).toMatchObject({ status: 'queued', nextAttempt: 1 })
    expect(await scene.work(asking(['a']), scene.lastSent().item)).toBe('ended')
    expect((await scene.expectEnd(record, 'completed')).output?.text).toBe('asked: approved')
  })

  it('is woken by the sweeper when whoever decided stopped right behind that', async () => {
    const scene = await workerScene()
    const record = await scene.submit()
    await scene.work(asking(['a']), record)
    const [approval] = await pendingOf(scene, record)
    const end = { status: 'approved', decidedAt: '2026-11-21T09:30:00.000Z', now: scene.clock.now() } as const
    await (await scene.approvals()).settle({ ...record, approvalId: approval?.approvalId ?? '' }, end)
    scene.later(1)

    expect(await scene.sweep()).toBe(1)

    expect(scene.lastSent().item).toMatchObject({ executionId: record.executionId, admit: true })
    expect(await scene.work(asking(['a']), scene.lastSent().item)).toBe('ended')
  })

  it('learns that nobody has decided in time', async () => {
    const scene = await workerScene()
    const record = await scene.submit()
    await scene.work(asking(['a'], { timeoutSeconds: 60 }), record)
    scene.later(59_000)
    expect(await scene.sweep()).toBe(0)
    scene.later(2_000)

    await scene.sweep()
    expect(await scene.work(asking(['a']), scene.lastSent().item)).toBe('ended')

    expect((await scene.expectEnd(record, 'completed')).output?.text).toBe('asked: expired')
    expect(await pendingOf(scene, record)).toEqual([])
  })

  it('ends at once when it is cancelled', async () => {
    const scene = await workerScene()
    const record = await scene.submit()
    await scene.work(asking(['a']), record)

    expect(await scene.cancel(record)).toMatchObject({ status: 'cancelled' })

    expect(await scene.expectEnd(record, 'cancelled')).toMatchObject({ output: { text: 'asked: ' } })
    expect(await wakeExecution(scene.dependencies, record)).toBe('nothing')
    await expect(decide(scene, record, 'approve')).rejects.toMatchObject({ code: 'invalid_state' })
  })

  it('does not begin to wait when it was cancelled meanwhile', async () => {
    const scene = await workerScene()
    const record = await scene.submit()
    const cancelled = asking(['a'], { before: () => scene.executions.requestCancel(record, '2026-11-21T09:30:00.000Z') })

    expect(await scene.work(cancelled, record)).toBe('handed_over')

    expect(await scene.work(asking(['a']), scene.lastSent().item)).toBe('ended')
    await scene.expectEnd(record, 'cancelled')
  })

  it('ends with its agent', async () => {
    const scene = await workerScene()
    const record = await scene.submit()
    await scene.work(asking(['a']), record)

    expect(await cancelWaiting(scene.dependencies, AGENT, 'the agent was stopped')).toBe(1)

    expect(await scene.expectEnd(record, 'cancelled')).toMatchObject({ error: { detail: 'the agent was stopped' } })
    expect(await scene.executions.listSuspended(AGENT, 10)).toEqual([])
  })

  it('waits in the mailbox when its agent was paused meanwhile', async () => {
    const scene = await workerScene()
    const record = await scene.submit()
    await scene.work(asking(['a']), record)
    await scene.agents.changeStatus(AGENT, { from: ['running'], to: 'paused', open: false, at: '2026-11-21T09:30:00.000Z' })
    await decide(scene, record, 'approve')

    expect(await scene.work(asking(['a']), scene.lastSent().item)).toBe('parked')

    expect((await scene.stored(record)).place).toBeDefined()
  })

  it('is not run, and keeps no slot, by messages that come again', async () => {
    const scene = await workerScene()
    const record = await scene.submit()
    await scene.work(asking(['a']), record)

    expect(await scene.work(asking(['a']), { ...AGENT, executionId: record.executionId })).toBe('parked')
    await scene.admission.takeSlot(record, scene.clock.now())
    expect(await repairSlots(scene.dependencies, AGENT)).toBe(1)

    expect((await scene.gate())?.active).toEqual([])
    expect(await scene.stored(record)).toMatchObject({ status: 'waiting_input', fence: 1 })
  })

  it.each([
    ['arguments', { arguments: { amount: 3_000_000 } }],
    ['another tool', { toolName: 'pay_anybody' }],
    ['arguments with the same text', { arguments: '{"amount":3}' }],
  ])('takes no decision for %s that nobody has seen', async (_, other) => {
    const scene = await workerScene()
    const record = await scene.submit()
    const call = { callId: 'a', toolName: 'pay', arguments: { amount: 3 }, timeoutSeconds: HOUR_SECONDS }
    const answerer = swapping(call, { ...call, ...other })
    await scene.work(answerer, record)
    await decide(scene, record, 'approve')

    expect(await scene.work(answerer, scene.lastSent().item)).toBe('suspended')

    expect(await pendingOf(scene, record)).toMatchObject([{ ...{ callId: 'a', status: 'pending' }, ...other }])
    await decide(scene, record, 'deny')
    expect(await scene.work(answerer, scene.lastSent().item)).toBe('ended')
    expect((await scene.expectEnd(record, 'completed')).output?.text).toMatch(/is denied$/)
  })

  it('asks again for what is not decided, and keeps what is', async () => {
    const scene = await workerScene()
    const record = await scene.submit()
    await scene.work(asking(['a', 'b'], { timeoutSeconds: 60 }), record)
    await decide(scene, record, 'approve')
    scene.later(61_000)
    await scene.sweep()

    await scene.work(asking(['a', 'b']), scene.lastSent().item)

    expect((await scene.expectEnd(record, 'completed')).output?.text?.split(/[:,] /).sort()).toEqual([
      'approved',
      'asked',
      'expired',
    ])
  })
})

describe('an execution that waits for its turn', () => {
  it('is queued without a slot until somebody wakes it', async () => {
    const scene = await workerScene()
    const record = await scene.submit()

    expect(
      await scene.work(
        inTurn(() => false),
        record,
      ),
    ).toBe('suspended')

    expect(await scene.stored(record)).toMatchObject({ status: 'queued', suspended: { for: 'turn' } })
    expect((await scene.gate())?.active).toEqual([])
    expect(
      await scene.work(
        inTurn(() => true),
        { ...AGENT, executionId: record.executionId, admit: true },
      ),
    ).toBe('duplicate')
    expect(await wakeExecution(scene.dependencies, record)).toBe('woken')
    expect(
      await scene.work(
        inTurn(() => true),
        scene.lastSent().item,
      ),
    ).toBe('ended')
    expect(await scene.expectEnd(record, 'completed')).toMatchObject({ attempt: 1 })
  })

  it('looks again when it was to be woken while it ran', async () => {
    const scene = await workerScene()
    const record = await scene.submit()
    const early = inTurn(
      () => false,
      async () => expect(await wakeExecution(scene.dependencies, record)).toBe('noted'),
    )

    expect(await scene.work(early, record)).toBe('handed_over')

    expect(
      await scene.work(
        inTurn(() => false),
        scene.lastSent().item,
      ),
    ).toBe('suspended')
  })

  it('is not woken by the sweeper before its time', async () => {
    const scene = await workerScene()
    const record = await scene.submit()
    await scene.work(
      inTurn(() => false),
      record,
    )
    scene.later((HOUR_SECONDS - 60) * 1_000)
    expect(await scene.sweep()).toBe(0)
    scene.later(2 * MINUTE_MS)

    expect(await scene.sweep()).toBe(1)

    expect((await scene.stored(record)).suspended).toBeUndefined()
  })
})

it('does not suspend for a state that is too large, nor for a writer that was replaced', async () => {
  const scene = await workerScene()
  const record = await scene.submit()
  const large = byCode(({ checkpoints }) => checkpoints.suspend('x'.repeat(70_000), { for: 'turn', until: 0 }))

  expect(await scene.work(large, record)).toBe('ended')

  await scene.expectEnd(record, 'failed')
  expect(
    await scene.executions.suspend(record, 7, { attempt: 1, postedThrough: -1, suspended: { for: 'turn', since: 0, until: 0 } }),
  ).toBe('lost')
})
