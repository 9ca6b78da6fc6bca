import { describe, expect, it } from 'vitest'
import { changeAgentStatus } from '#shared/executions/change-agent-status.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { LEASE_MS } from '#shared/executions/lease-keeper.ts'
import { wakeExecution } from '#shared/executions/wake-execution.ts'
import type { WorkItem } from '#shared/messaging/work-queue.ts'
import { aLease, anExecution } from '../../helpers/executions.ts'
import { byCode, byModel, failing, providerError, type Scene, words, workerScene } from '../../helpers/worker.ts'

/** An execution that waits half a minute for its second attempt, and the message that brings it back. */
async function waitsForItsRetry(scene: Scene) {
  const record = await scene.submit({ retry: { backoffSeconds: 0 } })
  await scene.work(byModel(failing(providerError('rate_limit', 30), 1)), record)
  const { item } = scene.lastSent()
  scene.sent.length = 0
  return { record: await scene.stored(record), item }
}

describe('a message that brings an execution back for its next attempt', () => {
  it('that comes too early, comes again in time', async () => {
    const scene = await workerScene()
    const { record, item } = await waitsForItsRetry(scene)
    scene.later(20_000)

    expect(await scene.work(byModel(words), item)).toBe('duplicate')

    expect(scene.sent).toEqual([{ item, delaySeconds: 10 }])
    expect(await scene.stored(record)).toEqual(record)
    expect(await scene.gate()).toMatchObject({ active: [] })
  })

  it('of an attempt long ago, is dropped: the sweeper has the execution', async () => {
    const scene = await workerScene()
    const record = await scene.submit({ retry: { backoffSeconds: 0 }, timeoutSeconds: 43_200 })
    await scene.work(byModel(failing(providerError('rate_limit', 3_600), 1)), record)
    scene.sent.length = 0

    const old = { tenant: 'acme', executionId: record.executionId, agentId: 'assistant', admit: true }
    expect(await scene.work(byModel(words), old)).toBe('duplicate')

    expect(scene.sent).toEqual([])
    expect((await scene.stored(record)).status).toBe('queued')
  })

  it('that comes twice, runs it once', async () => {
    const scene = await workerScene()
    const { record, item } = await waitsForItsRetry(scene)
    scene.later(30_000)

    const results = await Promise.all([scene.work(byModel(words), item), scene.work(byModel(words), item)])

    expect(results.sort()).toEqual(['duplicate', 'ended'])
    expect(await scene.expectEnd(record, 'completed')).toMatchObject({ attempt: 2 })
    expect(await scene.work(byModel(words), item)).toBe('duplicate')
    expect(await scene.gate()).toMatchObject({ active: [], waiting: 0 })
  })

  it('parks it when the slots are taken, and it runs once it is admitted', async () => {
    const scene = await workerScene()
    const { record, item } = await waitsForItsRetry(scene)
    const others = [await scene.submit(), await scene.submit()]
    scene.later(30_000)
    scene.sent.length = 0

    expect(await scene.work(byModel(words), item)).toBe('parked')

    expect((await scene.stored(record)).place).toBeDefined()
    expect(await scene.work(byModel(words), item)).toBe('duplicate')
    for (const other of others) await scene.work(byModel(words), other)
    expect(scene.lastSent().item).toEqual({ tenant: 'acme', executionId: record.executionId, agentId: 'assistant' })
    expect(await scene.work(byModel(words), scene.lastSent().item)).toBe('ended')
    expect(await scene.expectEnd(record, 'completed')).toMatchObject({ attempt: 2 })
    expect(await scene.gate()).toMatchObject({ active: [], waiting: 0 })
  })

  it('takes over where a worker died that it had let in', async () => {
    const scene = await workerScene()
    const { record, item } = await waitsForItsRetry(scene)
    scene.later(30_000)
    await scene.admission.takeSlot(record, scene.clock.now())
    await scene.executions.acquire(record, { ...aLease('dies', scene.clock.now()), tookSlot: true })
    expect(await scene.work(byModel(words), item)).toBe('duplicate')
    scene.later(LEASE_MS + 1)

    expect(await scene.work(byModel(words), item)).toBe('ended')

    expect(await scene.expectEnd(record, 'completed')).toMatchObject({ attempt: 3 })
    expect(await scene.gate()).toMatchObject({ active: [] })
  })

  it('does not run, without a slot, what went back to wait as it looked', async () => {
    const scene = await workerScene()
    const record = await scene.submit({ retry: { backoffSeconds: 0 } })
    const { executions } = scene
    const item = { tenant: 'acme', executionId: record.executionId, agentId: 'assistant', admit: true }
    await executions.acquire(record, aLease('other', scene.clock.now()))
    const get: typeof executions.get = async (key) => {
      const running = await executions.get(key)
      const at = scene.clock.now()
      await executions.retryLater(record, 1, { attempt: 1, postedThrough: -1, retryAt: at + 30_000, dueAt: at + 90_000 })
      return running
    }

    expect(await scene.work(byModel(words), item, { executions: { ...executions, get } })).toBe('parked')

    expect(await scene.gate()).toMatchObject({ active: [] })
    expect(await scene.stored(record)).toMatchObject({ status: 'queued', fence: 1 })
  })

  it('tells of an execution that does not exist', async () => {
    const { work } = await workerScene()
    const { tenant, executionId } = anExecution()

    await expect(work(byModel(words), { tenant, executionId, admit: true })).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('a message without a slot behind it', () => {
  it('does not run what is parked, nor what waits for its next attempt', async () => {
    const scene = await workerScene()
    const { record } = await waitsForItsRetry(scene)
    const [, , parked] = [await scene.submit(), await scene.submit(), await scene.submit()]
    const old = ({ executionId }: { executionId: string }) => ({ tenant: 'acme', executionId, agentId: 'assistant' })
    scene.later(30_000)

    expect(await scene.work(byModel(words), old(parked))).toBe('parked')
    expect(await scene.work(byModel(words), old(record))).toBe('parked')

    expect(await scene.stored(record)).toEqual(record)
    expect(await scene.stored(parked)).toEqual(parked)
  })
})

const HOUR_MS = 3_600_000
const waits = byCode(async ({ checkpoints }) => {
  await checkpoints.suspend('waits', { for: 'turn', until: Date.now() + HOUR_MS })
})

/** An execution that was woken, and the message that brings it back. */
async function wasWoken(scene: Scene) {
  const record = await scene.submit()
  await scene.work(waits, record)
  await wakeExecution(scene.dependencies, record)
  return { record: await scene.stored(record), item: scene.lastSent().item }
}

const change = (scene: Scene, verb: 'stop' | 'start') =>
  changeAgentStatus(scene.dependencies, { tenant: 'acme', agentId: 'assistant' }, verb, { policy: 'cancel' })

describe.each<[string, (scene: Scene) => Promise<{ record: ExecutionRecord; item: WorkItem }>]>([
  ['between two attempts', waitsForItsRetry],
  ['woken from a wait', wasWoken],
])('an execution that was %s when its agent was stopped with all that it does', (_, prepare) => {
  const expectStopped = async (scene: Scene, record: ExecutionRecord): Promise<void> => {
    expect(await scene.stored(record)).toMatchObject({ status: 'cancelled', error: { detail: 'the agent was stopped' } })
    expect(await scene.stored(record)).toMatchObject({ fence: record.fence })
    expect(await scene.gate()).toMatchObject({ active: [], waiting: 0 })
  }

  it('ends when its message comes', async () => {
    const scene = await workerScene()
    const { record, item } = await prepare(scene)
    expect(await change(scene, 'stop')).toMatchObject({ status: 'stopped' })
    scene.later(30_000)

    expect(await scene.work(byModel(words), item)).toBe('duplicate')

    await expectStopped(scene, record)
  })

  it('ends when its message is lost', async () => {
    const scene = await workerScene()
    const { record } = await prepare(scene)
    await change(scene, 'stop')
    scene.later(HOUR_MS)

    await scene.sweep()

    await expectStopped(scene, record)
  })

  it('does not go on when the agent was started again, as what is new does', async () => {
    const scene = await workerScene()
    const { record, item } = await prepare(scene)
    await change(scene, 'stop')
    await change(scene, 'start')
    scene.later(30_000)

    const fresh = await scene.submit()
    expect(await scene.work(byModel(words), item)).toBe('duplicate')
    expect(await scene.work(byModel(words), fresh)).toBe('ended')

    await scene.expectEnd(fresh, 'completed')
    await expectStopped(scene, record)
  })
})
