import { describe, expect, it } from 'vitest'
import { changeAgentStatus } from '#shared/executions/change-agent-status.ts'
import { reconcileAgents } from '#shared/executions/reconcile-agents.ts'
import { memoryLog } from '#shared/platform/log.ts'
import { ASSISTANT, admissionWorld, NOW } from '../../helpers/admission.ts'
import { anAgent } from '../../helpers/executions.ts'

const CHECK_MS = 300_000
const MINUTE = 60_000

function setUp() {
  const world: ReturnType<typeof admissionWorld> = admissionWorld()
  const logger = memoryLog()
  const dependencies = { ...world.dependencies, logger, healthCheckMs: CHECK_MS }
  const sweep = (signal = new AbortController().signal) => reconcileAgents(dependencies, signal)
  const dueAt = () => world.gates.find(ASSISTANT)?.dueAt
  return { ...world, dependencies, logger, sweep, dueAt }
}

describe('reconcileAgents', () => {
  it('has the health of a running agent checked, and then when it is time again', async () => {
    const { register, sweep, later, workQueue, agents, clock, dueAt } = setUp()
    await register()
    later(1)

    expect(await sweep()).toBe(1)
    expect(workQueue.probes).toEqual([{ ...ASSISTANT, probe: true, worker: undefined }])
    expect(dueAt()).toBe(NOW + 1 + CHECK_MS)
    await agents.setHealth(ASSISTANT, { health: 'healthy', detail: '', at: new Date(clock.now()).toISOString() })

    later(MINUTE)
    expect(await sweep()).toBe(0)
    later(CHECK_MS)
    expect(await sweep()).toBe(1)
    expect(workQueue.probes).toHaveLength(2)
    expect(workQueue.sent).toEqual([])
  })

  it('asks a declared agent on its own queue', async () => {
    const { agents, sweep, later, workQueue } = setUp()
    const { llm, prompts, ...common } = anAgent()
    await agents.create('acme', { ...common, kind: 'function', deployment: 'd-1' })
    later(1)

    await sweep()

    expect(workQueue.probes).toEqual([{ ...ASSISTANT, probe: true, worker: 'assistant' }])
  })

  it.each(['created', 'stopped', 'failed'] as const)('leaves an agent alone that is %s', async (status) => {
    const { register, sweep, later, workQueue } = setUp()
    await register({ status })
    later(10 * CHECK_MS)

    expect(await sweep()).toBe(0)
    expect(workQueue.probes).toEqual([])
  })

  it('does not ask who is paused, and looks no more once nothing runs', async () => {
    const { register, setOpen, sweep, later, workQueue, gates, dueAt } = setUp()
    await register()
    await setOpen(false)
    gates.put(ASSISTANT, { open: false, limit: 1, queueLimit: 1, waiting: 0, active: [] }, NOW)
    later(1)

    expect(await sweep()).toBe(1)

    expect(workQueue.probes).toEqual([])
    expect(dueAt()).toBeUndefined()
  })

  it('looks at who is stopping with every sweep, until nothing runs', async () => {
    const { register, admitted, begin, finish, sweep, later, agents, dependencies } = setUp()
    await register()
    const running = await begin(await admitted())
    await changeAgentStatus(dependencies, ASSISTANT, 'stop')
    for (let minute = 0; minute < 3; minute++) {
      later(MINUTE)
      expect(await sweep()).toBe(1)
    }
    expect(await agents.get('acme', 'assistant')).toMatchObject({ status: 'stopping' })

    await finish(running)
    later(MINUTE)
    await sweep()

    expect(await agents.get('acme', 'assistant')).toMatchObject({ status: 'stopped' })
  })

  it('gives back the slots of those that ended, and lets the next one in', async () => {
    const { register, admitted, begin, finish, sweep, later, sent, gate, dueAt, dependencies } = setUp()
    await register({ maxConcurrency: 1 })
    const ended = await begin(await admitted())
    const waiting = await admitted()
    const stuck = { ...dependencies, admission: { ...dependencies.admission, gate: async () => undefined } }
    await finish(ended, stuck)
    expect(sent()).not.toContain(waiting.executionId)
    later(1)

    await sweep()

    expect(sent()).toContain(waiting.executionId)
    expect((await gate()).active).toEqual([waiting.executionId])
    expect(dueAt()).toBe(NOW + 1 + MINUTE)
  })

  it('puts off an agent that it cannot look at, and goes on with the others', async () => {
    const { agents, dependencies, register, sweep, later, workQueue, logger, dueAt } = setUp()
    await register()
    await agents.create('acme', anAgent({ agentId: 'other' }))
    later(1)
    const { get } = dependencies.agents
    dependencies.agents.get = (tenant, agentId) =>
      agentId === 'assistant' ? Promise.reject(new Error('a broken item')) : get(tenant, agentId)

    expect(await sweep()).toBe(2)

    expect(workQueue.probes).toMatchObject([{ agentId: 'other' }])
    expect(logger.lines).toMatchObject([{ level: 'error', code: 'agent_not_reconciled', fields: ASSISTANT }])
    expect(dueAt()).toBe(NOW + 1 + MINUTE)
  })

  it('goes through all pages, and stops when its time is up', async () => {
    const { agents, sweep, later, workQueue, dependencies } = setUp()
    for (let count = 0; count < 230; count++) await agents.create('acme', anAgent({ agentId: `a-${count}` }))
    later(1)
    const time = new AbortController()
    const { probe } = workQueue
    dependencies.workQueue.probe = async (item) => {
      if (workQueue.probes.length === 149) time.abort()
      await probe(item)
    }

    expect(await sweep(time.signal)).toBe(150)
    expect(await sweep()).toBe(80)
    expect(new Set(workQueue.probes.map(({ agentId }) => agentId)).size).toBe(230)
  })

  it('does not wait for what the index shows again', async () => {
    const { register, sweep, later, dependencies } = setUp()
    await register()
    later(1)
    dependencies.agents = { ...dependencies.agents, listDue: async () => Array(100).fill(ASSISTANT) }

    expect(await sweep()).toBe(1)
  })
})
