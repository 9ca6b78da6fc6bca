import { describe, expect, it } from 'vitest'
import type { Principal } from '#shared/access/principal.ts'
import { submitExecution } from '#shared/executions/submit-execution.ts'
import { memoryWorkQueue } from '#shared/messaging/memory-work-queue.ts'
import { AGENT_STATUSES } from '#shared/protocol/agent.ts'
import type { CreateExecution } from '#shared/protocol/execution.ts'
import { SCOPES } from '#shared/protocol/scopes.ts'
import { aFunctionAgent, anAgent, memoryWorld } from '../../helpers/executions.ts'

const ada: Principal = { subject: 'ada', tenant: 'acme', scopes: SCOPES }
const question: CreateExecution = { agentId: 'assistant', input: { content: 'What is a sluice?' } }
const NOW = Date.parse('2026-11-21T09:30:00.000Z')

async function setUp() {
  const clock = { now: () => NOW }
  const { agents, executions, admission, log } = memoryWorld(clock)
  await agents.create('acme', anAgent())
  await agents.create('acme', anAgent({ agentId: 'other' }))
  await agents.create('umbrella', anAgent())
  const workQueue = memoryWorkQueue()
  const dependencies = { agents, executions, admission, streamLog: log, workQueue, clock }
  const submit = (overrides: Partial<CreateExecution> = {}, idempotencyKey?: string, principal: Partial<Principal> = {}) =>
    submitExecution(dependencies, { ...ada, ...principal }, { ...question, ...overrides }, { idempotencyKey })
  return { submit, agents, executions, admission, workQueue }
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
    ['priority', { priority: 9 }],
    ['retry policy', { retry: { maxAttempts: 1 } }],
    ['callback', { callbackUrl: 'https://example.com/done' }],
    ['time to live', { ttlSeconds: 60 }],
    ['type', { type: 'chat' }],
    ['conversation', { conversationId: 'c-1' }],
    ['correlation', { correlationId: 'c-1' }],
    ['timeout', { timeoutSeconds: 5 }],
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

  const taking = ['running', 'paused', 'starting']

  it.each(AGENT_STATUSES.filter((status) => !taking.includes(status)))('refuses an agent that is %s', async (status) => {
    const { submit, agents, workQueue } = await setUp()
    await agents.create('acme', anAgent({ agentId: 'idle', status }))

    await expect(submit({ agentId: 'idle' })).rejects.toMatchObject({ code: 'agent_not_running', status: 409 })
    expect(workQueue.sent).toEqual([])
  })

  it.each(['paused', 'starting'] as const)('holds what an agent is asked while it is %s', async (status) => {
    const { submit, agents, workQueue } = await setUp()
    await agents.create('acme', anAgent({ agentId: 'idle', status }))

    expect(await submit({ agentId: 'idle' })).toMatchObject({ status: 'queued', place: expect.any(String) })
    expect(workQueue.sent).toEqual([])
  })

  it('refuses what would make the queue longer than the agent wants, and says when to come back', async () => {
    const { submit, agents, executions } = await setUp()
    await agents.create('acme', anAgent({ agentId: 'small', maxConcurrency: 2, maxQueue: 3 }))
    for (let count = 0; count < 5; count++) await submit({ agentId: 'small' })

    await expect(submit({ agentId: 'small' })).rejects.toMatchObject({ code: 'queue_full', status: 429, retryAfterSeconds: 2 })
    expect((await executions.list({ tenant: 'acme', of: { agentId: 'small' } }, { limit: 10 })).executions).toHaveLength(5)
  })

  it.each([
    [1, 1],
    [30, 30],
    [61, 60],
    [100_000, 60],
  ])('asks for a pause between a second and a minute: %i wait', async (waiting, retryAfterSeconds) => {
    const { submit, agents, admission } = await setUp()
    await agents.create('acme', anAgent({ agentId: 'small', maxConcurrency: 1, maxQueue: 1 }))
    const gate = { open: true, limit: 1, queueLimit: 1, waiting, active: ['other'] }
    admission.gate = async () => gate

    await expect(submit({ agentId: 'small' })).rejects.toMatchObject({ code: 'queue_full', retryAfterSeconds })
  })

  it('lets an agent that has no queue work as long as it has room', async () => {
    const { submit, agents } = await setUp()
    await agents.create('acme', anAgent({ agentId: 'small', maxConcurrency: 1, maxQueue: 0 }))

    expect((await submit({ agentId: 'small' })).place).toBeUndefined()
    await expect(submit({ agentId: 'small' })).rejects.toMatchObject({ code: 'queue_full' })
  })

  it('answers a repeated request though its agent would refuse it by now', async () => {
    const { submit, agents } = await setUp()
    await agents.create('acme', anAgent({ agentId: 'small', maxConcurrency: 1, maxQueue: 0 }))
    const first = await submit({ agentId: 'small' }, 'k1')

    expect(await submit({ agentId: 'small' }, 'k1')).toEqual(first)
    await expect(submit({ agentId: 'small', input: { content: 'Else?' } }, 'k1')).rejects.toMatchObject({ code: 'conflict' })
  })

  it('keeps what the caller asked for, and who it is', async () => {
    const { submit } = await setUp()
    const asked = { type: 'chat', priority: 10, timeoutSeconds: 9, retry: { maxAttempts: 2 }, correlationId: 'c1' }

    const record = await submit({ ...asked, ttlSeconds: 60, callbackUrl: 'https://example.com/done' })

    expect(record).toMatchObject({
      ...asked,
      source: '/principals/ada',
      expiresAtMs: NOW + 60_000,
      callbackUrl: 'https://example.com/done',
    })
    expect(record).not.toHaveProperty('ttlSeconds')
    expect(await submit()).toMatchObject({ priority: 5, expiresAtMs: undefined })
  })

  it.each([[{}], ['Why?'], [{ content: '' }], [{ content: 7 }]])(
    'refuses an input that no model can answer: %j',
    async (input) => {
      const { submit, workQueue } = await setUp()

      await expect(submit({ input })).rejects.toMatchObject({ code: 'validation_error' })
      expect(workQueue.sent).toEqual([])
    },
  )

  it('gives any JSON to an agent with code of its own, on its own queue', async () => {
    const { submit, agents, workQueue } = await setUp()
    await agents.create('acme', aFunctionAgent({ agentId: 'triage' }))

    const { executionId } = await submit({ agentId: 'triage', input: [1, null, 'x'] })

    expect(workQueue.sent).toEqual([{ tenant: 'acme', executionId, agentId: 'triage', worker: 'triage' }])
  })

  it('refuses a type that the agent does not know', async () => {
    const { submit, agents } = await setUp()
    await agents.create('acme', aFunctionAgent({ agentId: 'triage', taskTypes: ['ticket'] }))

    await expect(submit({ agentId: 'triage', type: 'chat' })).rejects.toMatchObject({
      code: 'unsupported_task_type',
      status: 422,
    })
    expect(await submit({ agentId: 'triage', type: 'ticket' })).toMatchObject({ type: 'ticket' })
  })
})
