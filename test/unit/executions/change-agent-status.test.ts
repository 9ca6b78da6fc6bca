import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changeAgentStatus } from '#shared/executions/change-agent-status.ts'
import { reconcileAgents } from '#shared/executions/reconcile-agents.ts'
import { startExecution } from '#shared/executions/start-execution.ts'
import { memoryLog } from '#shared/platform/log.ts'
import type { AgentStatus, LlmAgent } from '#shared/protocol/agent.ts'
import { AGENT_VERBS, type AgentVerb, allowedVerbs } from '#shared/protocol/agent-lifecycle.ts'
import { ASSISTANT, admissionWorld, idsOf } from '../../helpers/admission.ts'
import { type Crasher, forEveryCrash } from '../../helpers/crashes.ts'

type World = ReturnType<typeof admissionWorld>

async function aWorld(agent: Partial<LlmAgent> = {}) {
  const world: World = admissionWorld()
  await world.register({ maxConcurrency: 1, ...agent })
  const change = (verb: AgentVerb, policy?: 'drain' | 'cancel') =>
    changeAgentStatus(world.dependencies, ASSISTANT, verb, { policy })
  const status = async (): Promise<AgentStatus | undefined> => (await world.agents.get('acme', 'assistant'))?.status
  return { ...world, change, status }
}

/** Lets the sweeper look at everything that is due within two minutes. */
async function sweep(world: World): Promise<void> {
  for (let minute = 0; minute < 2; minute++) {
    world.later(60_001)
    await reconcileAgents({ ...world.dependencies, logger: memoryLog(), healthCheckMs: 300_000 }, new AbortController().signal)
  }
}

/** The lifecycle's dependencies, each write a step after which the process may end. */
const fragile = ({ dependencies }: World, crasher: Crasher) => ({
  ...dependencies,
  agents: crasher.steps(dependencies.agents, ['changeStatus', 'remove']),
  admission: crasher.steps(dependencies.admission, ['park', 'admitWaiting']),
  executions: crasher.steps(dependencies.executions, ['endQueued', 'requestCancel']),
})

describe('pause and resume', () => {
  it('holds what has not begun, lets what runs end, and goes on in the old order', async () => {
    const world = await aWorld({ maxConcurrency: 2 })
    const running = await world.begin(await world.admitted())
    const held = [await world.admitted(), await world.admitted(), await world.admitted()]

    expect(await world.change('pause')).toMatchObject({ status: 'paused' })

    expect(await world.gate()).toMatchObject({ open: false, waiting: 3, active: [running.executionId] })
    const sent = world.sent().length
    await world.finish(running)
    await sweep(world)
    expect(world.sent()).toHaveLength(sent)

    expect(await world.change('resume')).toMatchObject({ status: 'running' })
    expect(world.sent().slice(sent)).toEqual(idsOf(held.slice(0, 2)))
  })
})

describe('start', () => {
  it('works off what came before it', async () => {
    const world = await aWorld({ status: 'created', maxConcurrency: 2 })
    const early = [await world.admitted(), await world.admitted()]
    expect(world.sent()).toEqual([])

    expect(await world.change('start')).toMatchObject({ status: 'running', revision: 3 })

    expect(world.sent()).toEqual(idsOf(early))
    expect(await world.agents.get('acme', 'assistant')).not.toHaveProperty('desiredStatus')
  })

  it('is finished by the sweeper when it stopped half way', async () => {
    await forEveryCrash(async (crasher) => {
      const world = await aWorld({ status: 'created', maxConcurrency: 2 })
      const early = [await world.admitted(), await world.admitted()]

      await crasher.run(() => changeAgentStatus(fragile(world, crasher), ASSISTANT, 'start'))
      await sweep(world)

      expect(await world.status()).toBe('running')
      expect(await world.gate()).toMatchObject({ waiting: 0, active: idsOf(early).toSorted() })
    })
  })
})

describe('stop', () => {
  it('drains: what runs ends, what waits stays for the next start', async () => {
    const world = await aWorld({ maxConcurrency: 2 })
    const running = await world.begin(await world.admitted())
    const [admitted, waiting] = [await world.admitted(), await world.admitted()]

    expect(await world.change('stop')).toMatchObject({ status: 'stopping', desiredStatus: 'stopped' })
    await sweep(world)
    expect(await world.status()).toBe('stopping')
    await world.finish(running)
    await sweep(world)

    expect(await world.status()).toBe('stopped')
    expect(await world.gate()).toMatchObject({ open: false, waiting: 2, active: [] })
    await world.change('start')
    expect((await world.gate()).active).toEqual(idsOf([admitted, waiting]).toSorted())
  })

  it('stops at once when nothing runs', async () => {
    const world = await aWorld()

    const stopped = await world.change('stop')

    expect(stopped).toMatchObject({ status: 'stopped' })
    expect(stopped).not.toHaveProperty('desiredStatus')
    expect(await world.agents.listDue(Number.MAX_SAFE_INTEGER, 10)).toEqual([])
  })

  it('cancels what runs and what waits when that is asked for', async () => {
    const world = await aWorld()
    const running = await world.begin(await world.admitted())
    const waiting = await world.admitted()

    expect(await world.change('stop', 'cancel')).toMatchObject({ status: 'stopping' })

    expect(await world.get(running)).toMatchObject({ status: 'running', cancelRequestedAt: expect.any(String) })
    expect(await world.get(waiting)).toMatchObject({ status: 'cancelled', error: { detail: 'the agent was stopped' } })
    await world.finish(running)
    await sweep(world)
    expect(await world.status()).toBe('stopped')
  })

  it.each(['drain', 'cancel'] as const)('ends as wanted (%s) wherever the first call stopped', async (policy) => {
    await forEveryCrash(async (crasher) => {
      const world = await aWorld({ maxConcurrency: 2 })
      const running = await world.begin(await world.admitted())
      const others = [await world.admitted(), await world.admitted()]

      await crasher.run(() => changeAgentStatus(fragile(world, crasher), ASSISTANT, 'stop', { policy }))
      await sweep(world)
      const asked = (await world.get(running)).cancelRequestedAt !== undefined
      await world.finish(running)
      await sweep(world)

      expect(asked).toBe(policy === 'cancel')
      expect(await world.status()).toBe('stopped')
      expect(await world.gate()).toMatchObject({ active: [], waiting: policy === 'cancel' ? 0 : 2 })
      const statuses = await Promise.all(others.map(async (record) => (await world.get(record)).status))
      expect(new Set(statuses)).toEqual(new Set([policy === 'cancel' ? 'cancelled' : 'queued']))
    })
  })
})

describe('pause', () => {
  it('withdraws what it promised wherever the call stopped', async () => {
    const crashes = await forEveryCrash(async (crasher) => {
      const world = await aWorld({ maxConcurrency: 2 })
      const admitted = [await world.admitted(), await world.admitted()]

      await crasher.run(() => changeAgentStatus(fragile(world, crasher), ASSISTANT, 'pause'))
      await sweep(world)

      expect(await world.gate()).toMatchObject({ open: false, active: [], waiting: 2 })
      await expect(world.begin(admitted[0] ?? expect.unreachable())).rejects.toThrow('it is parked')
    })
    expect(crashes).toBe(3)
  })
})

describe('delete', () => {
  it.each(['created', 'stopped', 'failed'] as const)('takes an agent away that is %s, and ends what waits', async (from) => {
    const world = await aWorld({ status: from })
    const waiting = await world.admitted()

    expect(await world.change('delete')).toBeUndefined()

    expect(await world.status()).toBeUndefined()
    expect(await world.get(waiting)).toMatchObject({ status: 'cancelled', error: { detail: 'the agent was deleted' } })
    expect(await world.agents.subscribersOf('acme', 'questions')).toEqual([])
  })

  it('lets what runs end first', async () => {
    const world = await aWorld()
    const running = await world.begin(await world.admitted())
    const waiting = await world.admitted()

    expect(await world.change('delete')).toMatchObject({ status: 'stopping', desiredStatus: 'deleted' })
    expect((await world.get(waiting)).status).toBe('cancelled')
    await world.finish(running)
    await sweep(world)

    expect(await world.status()).toBeUndefined()
    expect(await world.get(running)).toMatchObject({ status: 'completed' })
  })

  it('is not undone by a stop that is on its way', async () => {
    const world = await aWorld()
    const running = await world.begin(await world.admitted())
    await world.change('stop')
    const { get } = world.agents
    // The sweeper has read the agent; then somebody deletes it, and the last execution ends.
    world.dependencies.agents.get = async (tenant, agentId) => {
      world.dependencies.agents.get = get
      const read = await get(tenant, agentId)
      await world.change('delete')
      await world.finish(running)
      return read
    }

    await sweep(world)

    expect(await world.status()).toBeUndefined()
  })

  it('takes the agent away wherever the first call stopped', async () => {
    await forEveryCrash(async (crasher) => {
      const world = await aWorld({ maxConcurrency: 2 })
      const running = await world.begin(await world.admitted())
      const others = [await world.admitted(), await world.admitted()]

      await crasher.run(() => changeAgentStatus(fragile(world, crasher), ASSISTANT, 'delete'))
      await sweep(world)
      await world.finish(running)
      await sweep(world)

      expect(await world.status()).toBeUndefined()
      const statuses = await Promise.all(others.map(async (record) => (await world.get(record)).status))
      expect(statuses).toEqual(['cancelled', 'cancelled'])
    })
  })

  it('frees the id for an agent that inherits nothing', async () => {
    const world = await aWorld({ status: 'stopped' })
    const old = await world.admitted()
    await world.change('delete')

    await world.register({ status: 'created' })
    expect(await world.gate()).toMatchObject({ open: false, waiting: 0, active: [] })
    await world.change('start')
    const request = { ...ASSISTANT, executionId: old.executionId, input: old.input }
    await startExecution(world.dependencies, request)

    expect((await world.gate()).active).toEqual([])
    expect((await world.get(old)).status).toBe('cancelled')
  })
})

describe('the state machine', () => {
  it('names what is possible when the order is wrong', async () => {
    const world = await aWorld({ status: 'paused' })

    await expect(world.change('pause')).rejects.toMatchObject({
      code: 'invalid_state',
      message: 'the agent "assistant" is paused; possible are: resume, stop, delete',
    })
    expect(await world.agents.get('acme', 'assistant')).toMatchObject({ status: 'paused', revision: 1 })
  })

  it.each(AGENT_VERBS)('knows no agent of another tenant to %s', async (verb) => {
    const world = await aWorld()
    const foreign = { ...ASSISTANT, tenant: 'globex' }

    await expect(changeAgentStatus(world.dependencies, foreign, verb)).rejects.toMatchObject({ code: 'not_found' })
    expect(await world.agents.get('acme', 'assistant')).toMatchObject({ status: 'running', revision: 1 })
  })

  it('takes each of any verbs exactly when the table allows it, and gate and status always agree', async () => {
    const anAction = fc.constantFrom(...AGENT_VERBS, 'work', 'begin', 'finish', 'sweep')
    await fc.assert(
      fc.asyncProperty(fc.array(anAction, { maxLength: 20 }), async (actions) => {
        const world = await aWorld({ status: 'created' })
        const records = [await world.admitted()]
        for (const action of actions) {
          const before = await world.status()
          if (before === undefined) break
          if (action === 'sweep') await sweep(world)
          else if (action === 'work') records.push(await world.admitted())
          else if (action === 'begin' || action === 'finish') await worker(world, action)
          else if (allowedVerbs(before).includes(action)) await world.change(action)
          else await expect(world.change(action)).rejects.toMatchObject({ code: 'invalid_state' })
          const after = await world.status()
          if (after !== undefined) expect((await world.gate()).open).toBe(after === 'running')
          if (after === 'stopped') expect((await world.gate()).active).toEqual([])
        }
        // Whatever happened: everything ends after the agent was started, or was ended with it.
        await bringToRun(world)
        for (const record of records) {
          const { status } = await world.get(record)
          expect(status).toBe((await world.status()) === undefined && status !== 'completed' ? 'cancelled' : 'completed')
        }
      }),
      { numRuns: 150 },
    )
  })
})

type LifeWorld = Awaited<ReturnType<typeof aWorld>>

/** A worker begins with whoever has a slot, or ends what runs. */
async function worker(world: LifeWorld, action: 'begin' | 'finish'): Promise<void> {
  const [executionId] = (await world.gate()).active
  if (executionId === undefined) return
  const record = await world.get({ tenant: 'acme', executionId })
  if (action === 'begin' && record.status === 'queued') await world.begin(record)
  if (action === 'finish' && record.status === 'running') await world.finish(record)
}

async function bringToRun(world: LifeWorld): Promise<void> {
  for (let round = 0; round < 100; round++) {
    const status = await world.status()
    if (status === undefined) return
    const verb = allowedVerbs(status).find((name) => name === 'start' || name === 'resume')
    if (verb) await world.change(verb)
    const { active, waiting } = await world.gate()
    if (status === 'running' && active.length === 0 && waiting === 0) return
    await worker(world, 'begin')
    await worker(world, 'finish')
    await sweep(world)
  }
}
