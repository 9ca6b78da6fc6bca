import { describe, expect, it } from 'vitest'
import type { Principal } from '#shared/access/principal.ts'
import { LEASE_MS } from '#shared/executions/lease-keeper.ts'
import { runDirectly, submitDirectly } from '#shared/executions/run-directly.ts'
import { wakeExecution } from '#shared/executions/wake-execution.ts'
import { SCOPES } from '#shared/protocol/scopes.ts'
import { aFunctionAgent, anAgent } from '../../helpers/executions.ts'
import { byCode, byModel, type Scene, say, words, workerScene } from '../../helpers/worker.ts'

const ada: Principal = { subject: 'ada', tenant: 'acme', scopes: SCOPES }
const asked = { agentId: 'assistant', input: { content: 'What is a sluice?' } }
const invocation = { remainingMs: () => 300_000 }

const submit = (scene: Scene, overrides: object = {}, idempotencyKey?: string) =>
  submitDirectly(scene.dependencies, ada, { ...asked, ...overrides }, { idempotencyKey })

describe('submitDirectly', () => {
  it('takes a slot and leaves the work to its caller', async () => {
    const scene = await workerScene()

    const { record, work } = await submit(scene)

    expect(work).toEqual({ tenant: 'acme', executionId: record.executionId, agentId: 'assistant' })
    expect((await scene.gate())?.active).toEqual([record.executionId])
    expect(scene.sent).toEqual([])
  })

  it.each([
    ['no slot is free', anAgent({ maxConcurrency: 1 })],
    ['the agent is paused', anAgent({ status: 'paused' })],
  ])('leaves nothing when %s: it waits like any other', async (_, agent) => {
    const scene = await workerScene(agent)
    if (agent.status === 'running') await submit(scene)

    const { record, work } = await submit(scene)

    expect(work).toBeUndefined()
    expect(record).toMatchObject({ status: 'queued', place: expect.any(String) })
    expect(scene.sent).toEqual([])
  })

  it('queues the work of an agent in code, which has a function of its own', async () => {
    const scene = await workerScene(aFunctionAgent())

    const { record, work } = await submit(scene, { agentId: 'triage' })

    expect(work).toBeUndefined()
    expect(scene.lastSent().item).toMatchObject({ executionId: record.executionId, worker: 'triage' })
  })

  it('leaves nothing of a known request that has begun, and refuses another one under its key', async () => {
    const scene = await workerScene()
    const first = await submit(scene, {}, 'k1')
    if (!first.work) throw new Error('there is a slot')
    await runDirectly({ ...scene.dependencies, answerer: byModel(words) }, first.work, invocation)

    const again = await submit(scene, {}, 'k1')

    expect(again.work).toBeUndefined()
    expect(again.record).toMatchObject({ executionId: first.record.executionId, status: 'completed' })
    await expect(submit(scene, { input: { content: 'Else?' } }, 'k1')).rejects.toMatchObject({ code: 'conflict' })
  })

  it('lets two callers under one key both try: one of them runs it', async () => {
    const scene = await workerScene()
    const dependencies = { ...scene.dependencies, answerer: byModel(words) }
    const [one, two] = [await submit(scene, {}, 'k1'), await submit(scene, {}, 'k1')]

    const ended = await Promise.all([one, two].map(({ work }) => work && runDirectly(dependencies, work, invocation)))

    expect(ended.toSorted()).toEqual([false, true])
    await scene.expectEnd(one.record, 'completed')
  })
})

describe('runDirectly', () => {
  it('runs the work to its end, with the lease, the log and the slot of any other', async () => {
    const scene = await workerScene()
    const { record, work } = await submit(scene)
    const seen: string[] = []

    const tap = {
      gathered: (text: string) => void seen.push(text),
      appended: (events: readonly { type: string }[]) => void seen.push(...events.map(({ type }) => type)),
    }
    const ended = work && (await runDirectly({ ...scene.dependencies, answerer: byModel(words) }, work, { ...invocation, tap }))

    expect(ended).toBe(true)
    await scene.expectEnd(record, 'completed')
    expect((await scene.gate())?.active).toEqual([])
    expect(seen.filter((text) => text.endsWith(' ') || text.endsWith('.'))).toEqual(['A ', 'gate ', 'for ', 'water.'])
    expect(seen.at(-1)).toBe('completed')
    expect(scene.sent).toEqual([])
  })

  it('gives the work to the queue when it fails on the way, and says so', async () => {
    const scene = await workerScene()
    const { record, work } = await submit(scene)
    const executions = { ...scene.executions, acquire: () => Promise.reject(new Error('table is gone')) }

    const ended = work && (await runDirectly({ ...scene.dependencies, executions, answerer: byModel(words) }, work, invocation))

    expect(ended).toBe(false)
    expect(scene.codes()).toContain('direct_run_failed')
    await scene.work(byModel(words), scene.lastSent().item)
    await scene.expectEnd(record, 'completed')
  })

  it('leaves the work to the sweeper when not even the queue can be reached', async () => {
    const scene = await workerScene()
    const { record, work } = await submit(scene)
    const broken = {
      ...scene.dependencies,
      executions: { ...scene.executions, acquire: () => Promise.reject(new Error('table is gone')) },
      workQueue: { ...scene.workQueue, send: () => Promise.reject(new Error('queue is gone')) },
      answerer: byModel(words),
    }

    await (work && runDirectly(broken, work, invocation))
    scene.later(10 * 60_000)
    await scene.sweep()
    await scene.work(byModel(words), scene.lastSent().item)

    await scene.expectEnd(record, 'completed')
  })

  it('leaves the rest to the queue when it waits for others, and keeps no slot', async () => {
    const scene = await workerScene()
    const { record, work } = await submit(scene)
    if (!work) throw new Error('there is a slot')
    const waitingOnce = byCode(async (request) => {
      if (request.checkpoints.state === undefined)
        await request.checkpoints.suspend('asked', { for: 'agents', until: scene.clock.now() + 3_600_000 })
      say(request, 'They say yes.')
    })

    expect(await runDirectly({ ...scene.dependencies, answerer: waitingOnce }, work, invocation)).toBe(false)

    expect((await scene.gate())?.active).toEqual([])
    expect(scene.sent).toEqual([])
    await wakeExecution(scene.dependencies, record)
    await scene.work(waitingOnce, scene.lastSent().item)
    expect(await scene.expectEnd(record, 'completed')).toMatchObject({ attempt: 1, output: { text: 'They say yes.' } })
  })

  it('is taken over through the queue when its process dies in mid-answer', async () => {
    const scene = await workerScene()
    const { record, work } = await submit(scene)
    if (!work) throw new Error('there is a slot')
    // Dead to the world from here on: it neither renews its lease nor ends anything.
    const dead = {
      ...scene.executions,
      renew: () => new Promise<never>(() => undefined),
      end: () => new Promise<never>(() => undefined),
    }
    const spoken = Promise.withResolvers<void>()
    const frozen = byCode(async (request) => {
      say(request, 'half an answer ')
      await request.writer.flushed()
      spoken.resolve()
      await new Promise(() => undefined)
    })
    void runDirectly({ ...scene.dependencies, executions: dead, answerer: frozen }, work, invocation)
    await spoken.promise
    const seen = await scene.events(record)

    scene.later(LEASE_MS + 1)
    await scene.sweep()
    expect(scene.lastSent().item).toEqual(work)
    await scene.work(byModel(words), work)

    await scene.expectEnd(record, 'completed')
    const whole = await scene.events(record)
    expect(whole.slice(0, seen.length)).toEqual(seen)
    expect(whole[seen.length]).toMatchObject({ type: 'retrying', data: { resumeFrom: -1 } })
  })
})
