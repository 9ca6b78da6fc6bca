import { describe, expect, it } from 'vitest'
import { QUEUE_PATIENCE_MS } from '#shared/executions/admission.ts'
import { dispatchMessage, messageExecutionId } from '#shared/executions/dispatch-message.ts'
import { memoryArtifactStore } from '#shared/messaging/memory-artifact-store.ts'
import { memoryTopicStore } from '#shared/messaging/memory-topic-store.ts'
import { memoryWorkQueue } from '#shared/messaging/memory-work-queue.ts'
import { dataKey } from '#shared/messaging/message-data.ts'
import { cachedTopicSchemas } from '#shared/messaging/topic-schemas.ts'
import { AGENT_STATUSES } from '#shared/protocol/agent.ts'
import type { Envelope } from '#shared/protocol/envelope.ts'
import { executionRef } from '#shared/streams/channel-ref.ts'
import { anAgent, memoryWorld } from '../../helpers/executions.ts'
import { anEnvelope } from '../../helpers/streams.ts'

const NOW = Date.parse('2026-11-21T09:30:00Z')

async function setUp() {
  const clock = { now: () => NOW }
  const { agents, executions, admission, log } = memoryWorld(clock)
  const workQueue = memoryWorkQueue()
  const shown: string[] = []
  const topics = {
    async publish(tenant: string, envelope: Envelope & { topic: string }) {
      shown.push(`${tenant}/${envelope.topic}/${envelope.id}`)
    },
  }
  for (const agentId of ['reader', 'writer']) await agents.create('acme', anAgent({ agentId }))
  await agents.create('acme', anAgent({ agentId: 'elsewhere', topics: ['news'] }))
  await agents.create('other', anAgent({ agentId: 'foreign' }))
  const topicSchemas = cachedTopicSchemas(memoryTopicStore(), clock)
  const artifacts = memoryArtifactStore()
  const dependencies = { agents, executions, admission, streamLog: log, workQueue, topics, topicSchemas, artifacts, clock }
  const dispatch = (envelope: Envelope, tenant = 'acme') => dispatchMessage(dependencies, { tenant, envelope })
  return { dispatch, dependencies, executions, admission, log, workQueue, shown }
}

describe('dispatchMessage', () => {
  it('makes one execution for each agent of the tenant that subscribed to the topic', async () => {
    const { dispatch, executions, workQueue, shown } = await setUp()
    const envelope = anEnvelope({ id: 'm1' })

    const ids = await dispatch(envelope)

    const records = await Promise.all(ids.map((executionId) => executions.get({ tenant: 'acme', executionId })))
    expect(records.map((record) => record?.agentId)).toEqual(['reader', 'writer'])
    for (const record of records) {
      expect(record).toMatchObject({ status: 'queued', input: envelope.data, messageId: 'm1', topic: 'questions', attempt: 0 })
    }
    expect(workQueue.sent.map(({ executionId }) => executionId)).toEqual(ids)
    expect(shown).toEqual(['acme/questions/m1'])
  })

  it('keeps what the message says of its work', async () => {
    const { dispatch, executions } = await setUp()
    const envelope = anEnvelope({
      ...{ id: 'm1', type: 'ticket.opened', source: '/desk', priority: 9, ttlSeconds: 60 },
      ...{ replyTo: 'answers', correlationId: 'c1', parentId: 'e1', rootId: 'e0', depth: 2 },
    })

    const [executionId = ''] = await dispatch(envelope)

    expect(await executions.get({ tenant: 'acme', executionId })).toMatchObject({
      ...{
        type: 'ticket.opened',
        source: '/desk',
        priority: 9,
        expiresAtMs: NOW + 60_000,
        createdAt: '2026-11-21T09:30:00.000Z',
      },
      ...{ replyTo: 'answers', correlationId: 'c1', parentId: 'e1', rootId: 'e0', depth: 2 },
    })
  })

  it.each(AGENT_STATUSES.filter((status) => status !== 'running'))('holds a message for an agent that is %s', async (status) => {
    const { dispatch, dependencies, executions, workQueue } = await setUp()
    await dependencies.agents.create('acme', anAgent({ agentId: 'idle', status, topics: ['later'] }))

    const [executionId = ''] = await dispatch(anEnvelope({ topic: 'later' }))

    expect(await executions.get({ tenant: 'acme', executionId })).toMatchObject({ status: 'queued', place: expect.any(String) })
    expect(workQueue.sent).toEqual([])
  })

  it('holds messages without limit, since nobody waits for their answer', async () => {
    const { dispatch, dependencies, admission } = await setUp()
    const small = anAgent({ agentId: 'small', topics: ['many'], maxConcurrency: 1, maxQueue: 0 })
    await dependencies.agents.create('acme', small)

    for (let count = 0; count < 4; count++) await dispatch(anEnvelope({ topic: 'many' }))

    expect(await admission.gate({ tenant: 'acme', agentId: 'small' })).toMatchObject({ waiting: 3 })
  })

  it('ends what comes too late, without running it, and never twice', async () => {
    const { dispatch, dependencies, executions, admission, log } = await setUp()
    const stale = anEnvelope({ id: 'm1', topic: undefined, to: 'reader', time: '2026-11-21T09:29:00.000Z', ttlSeconds: 60 })

    const [executionId = ''] = await dispatch(stale)
    await dispatch(stale)

    const record = await executions.get({ tenant: 'acme', executionId })
    expect(record).toMatchObject({ status: 'expired', attempt: 0, error: { code: 'expired' } })
    expect(await log.read(executionRef({ tenant: 'acme', executionId }), -1)).toMatchObject([
      { type: 'failed', data: { code: 'expired', events: 1 } },
    ])
    expect(await admission.gate({ tenant: 'acme', agentId: 'reader' })).toMatchObject({ active: [], waiting: 0 })
    const lease = { owner: 'w', now: NOW, expiresAt: NOW + 1, tookSlot: false }
    expect(await dependencies.executions.acquire({ tenant: 'acme', executionId }, lease)).toMatchObject({ result: 'ended' })
  })

  it('shows a message on a topic that nobody subscribed to', async () => {
    const { dispatch, workQueue, shown } = await setUp()

    expect(await dispatch(anEnvelope({ id: 'm1', topic: 'silence' }))).toEqual([])

    expect(workQueue.sent).toEqual([])
    expect(shown).toEqual(['acme/silence/m1'])
  })

  it('makes one execution of a message to one agent, and shows it nowhere', async () => {
    const { dispatch, executions, shown } = await setUp()

    const [executionId = ''] = await dispatch(anEnvelope({ topic: undefined, to: 'elsewhere' }))

    expect(await executions.get({ tenant: 'acme', executionId })).toMatchObject({ agentId: 'elsewhere' })
    expect(shown).toEqual([])
  })

  it('makes the same executions of a message that is delivered again', async () => {
    const { dispatch, executions } = await setUp()
    const first = await dispatch(anEnvelope({ id: 'm1' }))

    const again = await dispatch(anEnvelope({ id: 'm1', data: { content: 'changed on the way' } }))

    expect(again).toEqual(first)
    expect(await executions.get({ tenant: 'acme', executionId: first[0] ?? '' })).toMatchObject({
      input: { content: 'What is a sluice?' },
    })
  })

  it('makes other executions of another message, and of the same id in another tenant', async () => {
    const { dispatch } = await setUp()

    const ids = [
      ...(await dispatch(anEnvelope({ id: 'm1' }))),
      ...(await dispatch(anEnvelope({ id: 'm2' }))),
      ...(await dispatch(anEnvelope({ id: 'm1' }), 'other')),
    ]

    expect(new Set(ids).size).toBe(5)
  })

  it('tells messages of two sources apart that chose the same id', async () => {
    const { dispatch } = await setUp()

    const [ours, theirs] = [anEnvelope({ id: 'm1', source: '/ours' }), anEnvelope({ id: 'm1', source: '/theirs' })]
    const ids = [...(await dispatch(ours)), ...(await dispatch(theirs))]

    expect(new Set(ids).size).toBe(4)
    expect(ids[0]).toBe(messageExecutionId('acme', ours, 'reader'))
  })

  it('starts ten agents at once, and every other when one fails', async () => {
    const { dispatch, dependencies, workQueue } = await setUp()
    for (let agent = 0; agent < 23; agent++)
      await dependencies.agents.create('acme', anAgent({ agentId: `many-${agent}`, topics: ['many'] }))
    const { send } = workQueue
    let [sending, most, sent] = [0, 0, 0]
    workQueue.send = async (item) => {
      const isFirst = sent++ === 0
      most = Math.max(most, ++sending)
      await new Promise(setImmediate)
      sending -= 1
      if (isFirst) throw new Error('queue hiccups')
      return send(item)
    }

    await expect(dispatch(anEnvelope({ topic: 'many' }))).rejects.toThrow('queue hiccups')

    expect(most).toBe(10)
    expect(workQueue.sent).toHaveLength(22)
  })

  it('queues again what has not started, and nothing that has', async () => {
    const { dispatch, executions, workQueue } = await setUp()
    const [started = '', waiting = ''] = await dispatch(anEnvelope({ id: 'm1' }))
    await executions.acquire(
      { tenant: 'acme', executionId: started },
      { owner: 'w', now: NOW, expiresAt: NOW + 1, tookSlot: false },
    )

    await dispatch(anEnvelope({ id: 'm1' }))

    expect(workQueue.sent.slice(2).map(({ executionId }) => executionId)).toEqual([waiting])
  })

  it('leaves a trace for the sweeper when the queue does not take it', async () => {
    const { dispatch, dependencies, executions } = await setUp()
    dependencies.workQueue.send = () => Promise.reject(new Error('queue is gone'))

    await expect(dispatch(anEnvelope({ id: 'm1' }))).rejects.toThrow('queue is gone')

    expect(await executions.listDue(NOW + QUEUE_PATIENCE_MS, 10)).toEqual([])
    expect(await executions.listDue(NOW + QUEUE_PATIENCE_MS + 1, 10)).toHaveLength(2)
  })

  it.each<[string, Partial<Envelope>, string]>([
    ['an agent that does not exist', { topic: undefined, to: 'nobody' }, 'not_found'],
    ['an agent of another tenant', { topic: undefined, to: 'foreign' }, 'not_found'],
    ['neither topic nor agent', { topic: undefined }, 'validation_error'],
  ])('refuses a message for %s', async (_what, address, code) => {
    const { dispatch, workQueue } = await setUp()

    await expect(dispatch(anEnvelope(address))).rejects.toMatchObject({ code, retryable: false })
    expect(workQueue.sent).toEqual([])
  })
})

describe('dispatchMessage, large data', () => {
  it('goes on the record by reference, and is shown with the path where it can be read', async () => {
    const { dependencies, executions } = await setUp()
    const shown: Envelope[] = []
    dependencies.topics.publish = async (_tenant, envelope) => {
      shown.push(envelope)
    }
    const envelope = anEnvelope({ id: 'm 1', source: '/principals/ada', data: null })
    const dataref = dataKey({ tenant: 'acme', envelope })

    const [executionId = ''] = await dispatchMessage(dependencies, { tenant: 'acme', envelope: { ...envelope, dataref } })

    expect(await executions.get({ tenant: 'acme', executionId })).toMatchObject({ input: null, inputRef: dataref })
    expect(shown).toEqual([{ ...envelope, dataref: '/v1/topics/questions/data?source=%2Fprincipals%2Fada&id=m+1' }])
  })
})

describe('dispatchMessage, chains of executions', () => {
  it.each<[string, Partial<Envelope>, Record<string, unknown>]>([
    ['from outside', {}, { parentId: undefined, rootId: undefined, depth: undefined }],
    ['from an execution', { parentId: 'e2', rootId: 'e1', depth: 2 }, { parentId: 'e2', rootId: 'e1', depth: 2 }],
    ['that says less than its parent means', { parentId: 'e2', rootId: 'e1', depth: 0 }, { depth: 1 }],
  ])('keeps the place of a message %s', async (_what, place, expected) => {
    const { dispatch, executions } = await setUp()

    const [executionId = ''] = await dispatch(anEnvelope(place))

    expect(await executions.get({ tenant: 'acme', executionId })).toMatchObject(expected)
  })

  it('keeps who asked first, besides who asks now', async () => {
    const { dependencies, executions } = await setUp()
    const envelope = anEnvelope({ source: '/agents/desk', parentId: 'e1', rootId: 'e1', depth: 1 })

    const [executionId = ''] = await dispatchMessage(dependencies, { tenant: 'acme', envelope, rootSource: '/principals/ada' })

    expect(await executions.get({ tenant: 'acme', executionId })).toMatchObject({
      source: '/agents/desk',
      rootSource: '/principals/ada',
    })
  })
})
