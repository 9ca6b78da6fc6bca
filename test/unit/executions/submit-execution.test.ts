import { describe, expect, it } from 'vitest'
import { type Principal, SCOPES } from '#shared/access/principal.ts'
import { memoryAgentStore } from '#shared/agents/memory-agent-store.ts'
import { memoryExecutionStore } from '#shared/executions/memory-execution-store.ts'
import { submitExecution } from '#shared/executions/submit-execution.ts'
import { memoryWorkQueue } from '#shared/messaging/memory-work-queue.ts'
import { systemClock } from '#shared/platform/clock.ts'
import { AGENT_STATUSES } from '#shared/protocol/agent.ts'
import { memoryStreamLog } from '#shared/streams/memory-stream-log.ts'
import { anAgent } from '../../helpers/executions.ts'

const ada: Principal = { subject: 'ada', tenant: 'acme', scopes: SCOPES }
const question = { agentId: 'assistant', input: { content: 'What is a sluice?' } }

async function setUp() {
  const agents = memoryAgentStore()
  await agents.create('acme', anAgent())
  await agents.create('acme', anAgent({ agentId: 'other' }))
  await agents.create('umbrella', anAgent())
  const workQueue = memoryWorkQueue()
  const dependencies = { agents, executions: memoryExecutionStore(memoryStreamLog()), workQueue, clock: systemClock }
  const submit = (overrides: Partial<typeof question> = {}, idempotencyKey?: string, principal: Partial<Principal> = {}) =>
    submitExecution(dependencies, { ...ada, ...principal }, { ...question, ...overrides }, { idempotencyKey })
  return { submit, agents, workQueue }
}

describe('submitExecution', () => {
  it('stores and queues an execution, a new one for every request without a key', async () => {
    const { submit, workQueue } = await setUp()

    const [one, two] = [await submit(), await submit()]

    expect(one).toMatchObject({ tenant: 'acme', agentId: 'assistant', input: question.input, status: 'queued', attempt: 0 })
    expect(two.executionId).not.toBe(one.executionId)
    expect(workQueue.sent.map(({ executionId }) => executionId)).toEqual([one.executionId, two.executionId])
  })

  it('answers a request under a known key with the execution of the first one', async () => {
    const { submit } = await setUp()

    const [one, two] = await Promise.all([submit({}, 'k1'), submit({}, 'k1')])

    expect(two).toEqual(one)
  })

  it('gives a key to each caller of each tenant', async () => {
    const { submit } = await setUp()

    const records = [
      await submit({}, 'k1'),
      await submit({}, 'k2'),
      await submit({}, 'k1', { subject: 'bob' }),
      await submit({}, 'k1', { tenant: 'umbrella' }),
    ]

    expect(new Set(records.map(({ executionId }) => executionId)).size).toBe(4)
  })

  it.each([
    ['input', { input: { content: 'And a gate?' } }],
    ['agent', { agentId: 'other' }],
  ])('refuses another %s under a known key', async (_what, other) => {
    const { submit } = await setUp()
    await submit({}, 'k1')

    await expect(submit(other, 'k1')).rejects.toMatchObject({ code: 'conflict' })
  })

  it('refuses an agent that does not exist in the tenant', async () => {
    const { submit, workQueue } = await setUp()

    await expect(submit({ agentId: 'nobody' })).rejects.toMatchObject({ code: 'not_found' })
    await expect(submit({ agentId: 'other' }, undefined, { tenant: 'umbrella' })).rejects.toMatchObject({ code: 'not_found' })
    expect(workQueue.sent).toEqual([])
  })

  it.each(AGENT_STATUSES.filter((status) => status !== 'running'))('refuses an agent that is %s', async (status) => {
    const { submit, agents, workQueue } = await setUp()
    await agents.create('acme', anAgent({ agentId: 'idle', status }))

    await expect(submit({ agentId: 'idle' })).rejects.toMatchObject({ code: 'agent_not_running' })
    expect(workQueue.sent).toEqual([])
  })
})
