import { describe, expect, it } from 'vitest'
import { childIdOf } from '#shared/executions/child-execution.ts'
import { dispatchMessage } from '#shared/executions/dispatch-message.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { retryExecution } from '#shared/executions/retry-execution.ts'
import { startDirectly } from '#shared/executions/start-directly.ts'
import { type StartRequest, startExecution } from '#shared/executions/start-execution.ts'
import { memoryArtifactStore } from '#shared/messaging/memory-artifact-store.ts'
import { memoryTopicStore } from '#shared/messaging/memory-topic-store.ts'
import { memoryWorkQueue } from '#shared/messaging/memory-work-queue.ts'
import { cachedTopicSchemas } from '#shared/messaging/topic-schemas.ts'
import { MAX_DEPTH, MAX_DESCENDANTS } from '#shared/protocol/limits.ts'
import { aLease, anAgent, anEnding, anExecution, memoryWorld } from '../../helpers/executions.ts'
import { anEnvelope } from '../../helpers/streams.ts'

const clock = { now: () => Date.parse('2026-11-21T09:30:00.000Z') }
const ROOT = '0195f3a0-0000-7000-8000-000000000001'
const TEAM = ['ada', 'bob', 'cy', 'dee', 'eve']

type Chain = Pick<ExecutionRecord, 'tenant' | 'executionId' | 'rootId' | 'depth'>

async function setUp() {
  const { agents, executions, admission, log } = memoryWorld(clock)
  for (const agentId of TEAM) await agents.create('acme', anAgent({ agentId, topics: ['news'], maxQueue: 10_000 }))
  const workQueue = memoryWorkQueue()
  const shown: string[] = []
  const dependencies = {
    ...{ agents, executions, admission, streamLog: log, workQueue, clock },
    topics: { publish: async (_tenant: string, { id }: { id: string }) => void shown.push(id) },
    topicSchemas: cachedTopicSchemas(memoryTopicStore(), clock),
    artifacts: memoryArtifactStore(),
  }
  const children = () => executions.stored.all().map(({ record }) => record)
  /** Gives the root so many descendants. */
  const fill = async (count: number): Promise<void> => {
    for (let at = 0; at < count; at++) await executions.create(aChild(), clock.now())
  }
  return { dependencies, executions, children, fill, shown }
}

const aChild = (overrides: Partial<ExecutionRecord> = {}): ExecutionRecord =>
  anExecution({ parentId: ROOT, rootId: ROOT, depth: 1, agentId: 'ada', ...overrides })

/** What an execution asks another agent becomes. */
const aQuestion = ({ tenant, executionId, rootId = executionId, depth = 0 }: Chain, agentId: string): StartRequest => ({
  ...{ tenant, agentId, rootId, input: { content: 'And you?' } },
  executionId: childIdOf({ tenant, executionId }, agentId),
  ...{ parentId: executionId, depth: depth + 1 },
})

const aMessage = (id: string, overrides = {}) => ({
  tenant: 'acme',
  envelope: anEnvelope({ id, topic: 'news', parentId: ROOT, rootId: ROOT, depth: 1, ...overrides }),
})

describe('agents that ask each other', () => {
  it('come to an end, where each asks five that each ask five', async () => {
    const { dependencies, children } = await setUp()
    const told: unknown[] = []
    /** Without the limit they would be 5 to the power of 16. */
    const askTeam = async (execution: Chain): Promise<void> => {
      const asked = await Promise.allSettled(
        TEAM.map((agentId) => startDirectly(dependencies, aQuestion(execution, agentId), { caller: { agentId: 'ada' } })),
      )
      const begun = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
      told.push(...asked.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : [])))
      await Promise.all(begun.map(askTeam))
    }

    await askTeam({ tenant: 'acme', executionId: ROOT })

    expect(children()).toHaveLength(MAX_DESCENDANTS)
    expect(Math.max(...children().map(({ depth = 0 }) => depth))).toBeLessThan(MAX_DEPTH)
    expect(new Set(told)).toEqual(new Set(['depth_exceeded']))
  })

  it('are told what to do then, and still hear of those whom they have asked', async () => {
    const { dependencies, fill } = await setUp()
    const ask = (agentId: string) =>
      startDirectly(dependencies, aQuestion({ tenant: 'acme', executionId: ROOT }, agentId), { caller: { agentId: 'ada' } })
    const first = await ask('bob')
    await fill(MAX_DESCENDANTS - 1)

    const [again, another] = [await ask('bob'), ask('cy')]

    expect(again.executionId).toBe(first.executionId)
    await expect(another).rejects.toMatchObject({
      ...{ code: 'depth_exceeded', retryable: false, expose: true },
      message: expect.stringMatching(
        /has brought about 1000 others.*: go on with what is known, and ask or send to nobody else$/,
      ),
    })
  })
})

describe('messages of agents', () => {
  it('make executions that count, each once, however often they come', async () => {
    const { dependencies, children, shown } = await setUp()
    for (let at = 0; at < MAX_DESCENDANTS / TEAM.length; at++) {
      await dispatchMessage(dependencies, aMessage(`m${at}`, { depth: 1 + (at % MAX_DEPTH) }))
      await dispatchMessage(dependencies, aMessage(`m${at}`, { depth: 1 + (at % MAX_DEPTH) }))
    }

    const oneMore = dispatchMessage(dependencies, aMessage('one more'))

    await expect(oneMore).rejects.toMatchObject({ code: 'depth_exceeded', message: expect.stringContaining(ROOT) })
    expect(children()).toHaveLength(MAX_DESCENDANTS)
    expect(shown).not.toContain('one more')
  })

  it('make the executions that there is room for', async () => {
    const { dependencies, children, fill } = await setUp()
    await fill(MAX_DESCENDANTS - 2)

    await expect(dispatchMessage(dependencies, aMessage('m1'))).rejects.toMatchObject({ code: 'depth_exceeded' })

    expect(children().filter(({ messageId }) => messageId === 'm1')).toHaveLength(2)
  })

  it('come again where some found no room and others a fault', async () => {
    const { dependencies, fill } = await setUp()
    await fill(MAX_DESCENDANTS - 1)
    dependencies.workQueue.send = () => Promise.reject(new Error('queue hiccups'))

    await expect(dispatchMessage(dependencies, aMessage('m1'))).rejects.toThrow('queue hiccups')
  })

  it('that nobody sent for an execution are not counted', async () => {
    const { dependencies, fill } = await setUp()
    await fill(MAX_DESCENDANTS)

    const ids = await dispatchMessage(dependencies, { tenant: 'acme', envelope: anEnvelope({ id: 'm1', topic: 'news' }) })

    expect(ids).toHaveLength(TEAM.length)
  })
})

it('repeating a child by hand makes one more', async () => {
  const { dependencies, executions, fill } = await setUp()
  const failed = aChild()
  await executions.create(failed, clock.now())
  await executions.acquire(failed, aLease('worker', clock.now()))
  await executions.end(failed, 1, anEnding({ status: 'failed' }))
  await fill(MAX_DESCENDANTS - 1)

  const repeated = retryExecution(dependencies, { tenant: 'acme', subject: 'ada', scopes: [] }, failed.executionId)

  await expect(repeated).rejects.toMatchObject({ code: 'depth_exceeded', status: 422 })
})

it('an execution that was begun before its root was full is found again', async () => {
  const { dependencies, executions, fill } = await setUp()
  await fill(MAX_DESCENDANTS - 1)
  const { tenant, executionId, agentId, input, parentId, rootId, depth } = aChild()
  const request = { tenant, executionId, agentId, input, parentId, rootId, depth }
  const lost = dependencies.workQueue.send
  dependencies.workQueue.send = () => Promise.reject(new Error('the worker stopped here'))
  await expect(startExecution(dependencies, request)).rejects.toThrow('stopped here')
  dependencies.workQueue.send = lost

  const record = await startExecution(dependencies, request)

  expect(record).toMatchObject({ executionId, status: 'queued' })
  expect(dependencies.workQueue.sent).toMatchObject([{ executionId }])
  expect(await executions.get(record)).toBeDefined()
})
