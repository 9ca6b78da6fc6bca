import { describe, expect, it } from 'vitest'
import type { Principal } from '#shared/access/principal.ts'
import { type OpenRequest, type OpenRequestOptions, submitToAnyAgent } from '#shared/executions/submit-to-any-agent.ts'
import { memoryWorkQueue } from '#shared/messaging/memory-work-queue.ts'
import { derivedId } from '#shared/platform/ids.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import { SCOPES } from '#shared/protocol/scopes.ts'
import { anAgent, aRemoteAgent, memoryWorld } from '../../helpers/executions.ts'

const ada: Principal = { subject: 'ada', tenant: 'acme', scopes: SCOPES }
const TASK = derivedId('task', 'acme', 'test-1')

async function setUp(agents: Agent[]) {
  const clock = { now: () => Date.parse('2026-11-21T09:30:00.000Z') }
  const { log, ...world } = memoryWorld(clock)
  for (const agent of agents) await world.agents.create('acme', agent)
  const dependencies = { ...world, streamLog: log, workQueue: memoryWorkQueue(), clock }
  const submit = (
    request: Partial<OpenRequest> = {},
    options: OpenRequestOptions = {},
    over: Partial<typeof dependencies> = {},
  ) => submitToAnyAgent({ ...dependencies, ...over }, ada, { input: { numbers: [1, 2] }, type: 'sum', ...request }, options)
  return { ...world, submit }
}

const services = (count: number, overrides: Parameters<typeof aRemoteAgent>[0] = {}): Agent[] =>
  Array.from({ length: count }, (_, index) => aRemoteAgent({ agentId: `service-${index}`, ...overrides }))

describe('submitToAnyAgent', () => {
  it('gives work to each of its agents in turn as they fill up', async () => {
    const { submit } = await setUp(services(3))

    const records = []
    for (let work = 0; work < 9; work++) records.push(await submit())

    const counts = Map.groupBy(records, ({ agentId }) => agentId)
    expect([...counts.values()].map(({ length }) => length)).toEqual([3, 3, 3])
  })

  it.each([
    ['there is none', []],
    ['none runs', [aRemoteAgent({ status: 'stopped' })]],
    ['none knows the type', [aRemoteAgent({ taskTypes: ['product'] })]],
  ])('says so when %s', async (_when, agents) => {
    const { submit } = await setUp(agents)

    await expect(submit()).rejects.toMatchObject({
      code: 'no_agent_available',
      status: 503,
      retryable: true,
      message: 'No agents available',
    })
  })

  it('says so when all are full', async () => {
    const { submit } = await setUp(services(2, { maxConcurrency: 1, maxQueue: 0 }))
    await submit()
    await submit()

    await expect(submit()).rejects.toMatchObject({ code: 'no_agent_available' })
  })

  it('finds the capability behind many agents that do not have it', async () => {
    const able = aRemoteAgent({ agentId: 'zebra', capabilities: ['web_search'] })
    const { submit } = await setUp([...services(250), able])

    expect(await submit({ capability: 'web_search' })).toMatchObject({ agentId: 'zebra' })
  })

  it('looks at a few gates, however many agents there are', async () => {
    const { submit, admission } = await setUp(services(120))
    let looks = 0
    const gate: typeof admission.gate = (key) => {
      looks += 1
      return admission.gate(key)
    }

    await submit({}, {}, { admission: { ...admission, gate } })

    // One of them by the door, as for every request.
    expect(looks).toBe(17)
  })

  it('answers a known id with its first execution, on whichever agent it is', async () => {
    const { submit, agents } = await setUp(services(1))
    const first = await submit({}, { executionId: TASK })
    await agents.create('acme', aRemoteAgent({ agentId: 'another', taskTypes: ['sum'] }))

    expect(await submit({}, { executionId: TASK })).toEqual(first)
    await expect(submit({ input: {} }, { executionId: TASK })).rejects.toMatchObject({ code: 'conflict' })
  })

  it('answers a known id when its agent runs no more', async () => {
    const { submit, agents } = await setUp(services(1))
    const first = await submit({}, { executionId: TASK })
    const stop = { from: ['running'], to: 'stopped', open: false, at: '2026-11-21T09:31:00.000Z' } as const
    await agents.changeStatus({ tenant: 'acme', agentId: 'service-0' }, stop)

    expect(await submit({}, { executionId: TASK })).toEqual(first)
  })

  it('makes one execution of two requests that come at once and would go to different agents', async () => {
    const { submit, agents } = await setUp(services(2))
    // Each request sees one agent alone.
    const only = (agentId: string) => ({
      agents: { ...agents, list: async () => ({ agents: services(2).filter((agent) => agent.agentId === agentId) }) },
    })

    const [one, two] = await Promise.all([
      submit({}, { executionId: TASK }, only('service-0')),
      submit({}, { executionId: TASK }, only('service-1')),
    ])

    expect(two).toEqual(one)
  })

  it('gives each agent the input that is for it', async () => {
    const { submit } = await setUp([anAgent()])

    const record = await submit({}, { inputFor: ({ kind }) => ({ content: `for an agent of the kind ${kind}` }) })

    expect(record).toMatchObject({ agentId: 'assistant', input: { content: 'for an agent of the kind llm' } })
  })

  it('sees no agent of another tenant', async () => {
    const { submit, agents } = await setUp([])
    await agents.create('globex', aRemoteAgent())

    await expect(submit()).rejects.toMatchObject({ code: 'no_agent_available' })
  })
})
