import { describe, expect, it } from 'vitest'
import type { Agent, FunctionAgent } from '#shared/protocol/agent.ts'
import { aFunctionAgent, anAgent } from '../../../helpers/executions.ts'
import { socketDoor } from '../../../helpers/socket-door.ts'

const ask = (payload: object, id = 'r1') => ({ message_type: 'agent_request', id, payload: { subscribe: false, ...payload } })
const vitals = { query: 'Analyze this health data', task_type: 'analyze_health', parameters: { patient_id: '12345' } }

const inCode = (agentId: string, overrides: Partial<FunctionAgent> = {}): Agent =>
  aFunctionAgent({ agentId, taskTypes: ['analyze_health'], ...overrides })

async function doorWith(agents: Agent[], connection: object = {}) {
  const door = socketDoor()
  await door.open({}, 'c1', connection)
  for (const agent of agents) await door.dependencies.agents.create('acme', agent)
  const asked = async () => {
    const [item] = door.workQueue.sent
    return item && door.dependencies.executions.get({ tenant: 'acme', executionId: item.executionId })
  }
  return { door, asked }
}

describe('a question in few words', () => {
  it('goes to the one running agent that takes the task, with its parameters', async () => {
    const { door, asked } = await doorWith([
      anAgent(),
      inCode('health'),
      inCode('other', { taskTypes: ['chat'] }),
      inCode('old', { status: 'stopped' }),
    ])

    expect(await door.send(ask(vitals))).toMatchObject([{ message_type: 'agent_request_accepted', response_to: 'r1' }])
    expect(await asked()).toMatchObject({
      agentId: 'health',
      type: 'analyze_health',
      input: {
        patient_id: '12345',
        query: 'Analyze this health data',
        content: 'Analyze this health data\n\nParameters: {"patient_id":"12345"}',
      },
    })
  })

  it('goes to the agent that it names, then to that of the connection', async () => {
    const agents = [anAgent(), anAgent({ agentId: 'second' })]
    const named = await doorWith(agents, { agentId: 'second' })
    const usual = await doorWith(agents, { agentId: 'second' })

    await named.door.send(ask({ query: 'What is a sluice?', agentId: 'assistant' }))
    await usual.door.send(ask({ query: 'What is a sluice?' }))

    expect(await named.asked()).toMatchObject({ agentId: 'assistant', input: { content: 'What is a sluice?' } })
    expect(await usual.asked()).toMatchObject({ agentId: 'second' })
  })

  it.each<[string, string, Agent[], object, RegExp]>([
    ['validation_error', 'that names nobody', [inCode('health')], { query: 'Hello?' }, /give "task_type", name one in "agentId"/],
    [
      'no_agent_available',
      'for a task that nobody takes',
      [anAgent()],
      vitals,
      /no running agent takes the task "analyze_health"/,
    ],
    ['no_agent_available', 'for an agent that is stopped', [inCode('health', { status: 'stopped' })], vitals, /start one/],
    ['validation_error', 'that two agents take', [inCode('a'), inCode('b')], vitals, /the agents a, b take the task/],
  ])('is refused with %s: one %s', async (code, _what, agents, payload, detail) => {
    const { door } = await doorWith(agents)

    expect(await door.send(ask(payload))).toMatchObject([
      { message_type: 'error', response_to: 'r1', payload: { code, detail: expect.stringMatching(detail) } },
    ])
    expect(door.workQueue.sent).toEqual([])
  })

  it("finds no other tenant's agent", async () => {
    const { door } = await doorWith([])
    await door.dependencies.agents.create('other', inCode('health'))

    expect(await door.send(ask(vitals))).toMatchObject([{ message_type: 'error', payload: { code: 'no_agent_available' } }])
  })

  it.each([
    { query: '' },
    { query: 'Hello?', task_type: '' },
    { query: 'Hello?', tenant: 'other' },
    { query: 'Hello?', input: { content: 'Hello?' } },
    { query: 'Hello?', parameters: [] },
  ])('is refused when it is none: %j', async (payload) => {
    const { door } = await doorWith([anAgent()])

    expect(await door.send(ask(payload))).toMatchObject([{ message_type: 'error', payload: { code: 'validation_error' } }])
  })
})
