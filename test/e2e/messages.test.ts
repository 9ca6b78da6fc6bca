import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, describe, expect, it } from 'vitest'
import { dataKey } from '#shared/messaging/message-data.ts'
import { newId } from '#shared/platform/ids.ts'
import { OUTPUT } from '#shared/platform/names.ts'
import type { TopicEvent } from '#shared/protocol/stream-event.ts'
import { deployedCloud, eventually } from '../helpers/deployed-cloud.ts'
import { LARGE_DATA } from '../helpers/messaging.ts'

const LLM = { provider: 'openai', service: 'demo', model: 'scripted-1' }

describe('messages', () => {
  const cloud = deployedCloud()
  const client = cloud.client()
  const s3 = new S3Client({ endpoint: cloud.endpointUrl, forcePathStyle: true })
  afterAll(() => client.close())

  /** An agent that listens to a topic of its own, which has its name. */
  async function anAgent(settings: Record<string, unknown> = {}): Promise<string> {
    const agentId = `agent-${newId()}`
    const body = { agentId, name: 'Messages', topics: [agentId], llm: LLM, autoStart: true, ...settings }
    expect((await cloud.call('POST', '/v1/agents', { body })).status).toBe(201)
    return agentId
  }

  const executionsOf = async (agentId: string) => (await client.executions(agentId, { limit: 100 })).executions

  const ended = (agentId: string, count: number) =>
    eventually(async () => {
      const executions = await executionsOf(agentId)
      return executions.length === count && executions.every(({ endedAt }) => endedAt) ? executions : undefined
    }, 120)

  const topicEvents = async (topic: string): Promise<TopicEvent[]> =>
    (await cloud.call('GET', `/v1/topics/${topic}/events`)).body.events as TopicEvent[]

  const deadLetterOf = (messageId: string) =>
    eventually(async () => {
      const { deadLetters } = await client.deadLetters({ queue: 'ingress' })
      return deadLetters.find(({ body }) => body.includes(messageId))
    })

  it('come to those whose filter lets them pass', async () => {
    const topic = `topic-${newId()}`
    const filters = { [topic]: { 'data.severity': ['high'] } }
    const [all, urgent] = [await anAgent({ topics: [topic] }), await anAgent({ topics: [topic], filters })]

    await client.publish(topic, { content: 'a calm one', severity: 'low' })
    await client.publish(topic, { content: 'an urgent one', severity: 'high' })

    expect(await ended(all, 2)).toHaveLength(2)
    expect((await ended(urgent, 1)).map(({ input }) => input)).toMatchObject([{ severity: 'high' }])
  })

  it('go to one agent, whatever its topics', async () => {
    const agentId = await anAgent({ topics: [] })

    const { executionId } = await client.send(agentId, { content: 'for you alone' })

    expect((await ended(agentId, 1)).map((execution) => [execution.executionId, execution.status])).toEqual([
      [executionId, 'completed'],
    ])
  })

  it('come in batches, each with its own result', async () => {
    const agentId = await anAgent()
    const messages = Array.from({ length: 25 }, (_, index) => ({ id: `${agentId}-${index}`, data: { content: `${index}` } }))

    const { status, body } = await cloud.call('POST', `/v1/topics/${agentId}/messages/batch`, {
      body: { messages: [...messages, { nothing: true }] },
    })

    expect(status).toBe(207)
    expect(body.results).toEqual([
      ...messages.map(({ id }) => ({ messageId: id })),
      { error: expect.objectContaining({ code: 'validation_error' }) },
    ])
    expect((await ended(agentId, 25)).map(({ messageId }) => messageId).toSorted()).toEqual(
      messages.map(({ id }) => id).toSorted(),
    )
  })

  it('are answered though their data is too large to travel', async () => {
    const agentId = await anAgent()
    const { messageId } = await client.publish(agentId, LARGE_DATA)

    const [execution] = await ended(agentId, 1)

    expect(execution).toMatchObject({ status: 'completed', input: null, messageId })
    expect((await cloud.call('GET', String(execution?.links.input))).body).toEqual({ input: LARGE_DATA })
    // The topic shows a message when its executions are on their way.
    const event = await eventually(async () => (await topicEvents(agentId))[0])
    expect(event.data).toMatchObject({ data: null, dataref: expect.stringMatching(/^\/v1\/topics\//) })
    expect((await cloud.call('GET', String(event.data.dataref))).body).toEqual({ data: LARGE_DATA })
  })

  it('answer a large request over HTTP', async () => {
    const agentId = await anAgent()
    const body = { agentId, input: LARGE_DATA }

    const { status } = await cloud.call('POST', '/v1/executions', { body })

    expect(status).toBe(202)
    expect((await ended(agentId, 1)).map((execution) => execution.status)).toEqual(['completed'])
  })

  it('never read the data of another tenant, however they ask for it', async () => {
    const agentId = await anAgent()
    const envelope = { specversion: '1.0', id: newId(), type: 'question', source: '/attack', topic: agentId, data: null }
    const secret = dataKey({ tenant: 'globex', envelope })
    const Bucket = cloud.output(OUTPUT.artifactsBucket)
    await s3.send(new PutObjectCommand({ Bucket, Key: secret, Body: '{"content":"a secret"}' }))

    await cloud.sendToIngress(JSON.stringify({ ...envelope, dataref: secret }))

    expect(await deadLetterOf(envelope.id)).toMatchObject({
      code: 'validation_error',
      detail: expect.stringContaining('dataref'),
    })
    expect(await executionsOf(agentId)).toEqual([])
    expect(await topicEvents(agentId)).toEqual([])
    expect((await s3.send(new GetObjectCommand({ Bucket, Key: secret }))).ContentLength).toBeGreaterThan(0)
  })

  it('are refused at every door when they do not fit the schema of their topic', async () => {
    const agentId = await anAgent()
    const schema = { type: 'object', required: ['content'], properties: { content: { type: 'string', maxLength: 20 } } }
    expect((await cloud.call('PUT', `/v1/topics/${agentId}`, { body: { schema } })).status).toBe(200)
    const id = newId()

    const refused = await cloud.call('POST', `/v1/topics/${agentId}/messages`, { body: { data: { content: 7 } } })
    await cloud.sendToIngress(JSON.stringify({ id, type: 'question', source: '/q', topic: agentId, data: { content: 7 } }))
    await client.publish(agentId, { content: 'fits' })

    expect(refused).toMatchObject({ status: 422, body: { errors: [{ path: 'data.content' }] } })
    expect(await deadLetterOf(id)).toMatchObject({ code: 'validation_error', detail: expect.stringContaining('data.content') })
    expect(await ended(agentId, 1)).toHaveLength(1)
  })

  it('hold up nobody when the schema of their topic would never come to an end', async () => {
    const [agentId, other] = [await anAgent(), await anAgent()]
    const schema = { properties: { content: { pattern: '^(a+)+$' } } }
    await cloud.call('PUT', `/v1/topics/${agentId}`, { body: { schema } })
    const data = { content: `${'a'.repeat(80)}!` }

    const refused = await cloud.call('POST', `/v1/topics/${agentId}/messages`, { body: { data } })
    await client.publish(other, { content: 'meanwhile' })

    expect(refused).toMatchObject({ status: 422, body: { detail: expect.stringContaining('takes longer') } })
    expect(await ended(other, 1)).toHaveLength(1)
  })

  it('tell of what was put aside', async () => {
    const [id, to] = [newId(), `nobody-${newId()}`]

    await cloud.sendToIngress(JSON.stringify({ id, type: 'question', source: '/q', to, data: 1 }))

    const told = await eventually(async () => {
      const { body } = await cloud.call('GET', `/v1/events?type=message.dead_lettered&agent=${to}`)
      const [event] = body.events as { data: Record<string, unknown> }[]
      return event
    })
    expect(JSON.stringify(told)).toContain(id)
  })
})
