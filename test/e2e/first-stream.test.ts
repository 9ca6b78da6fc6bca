import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { messageExecutionId } from '#shared/executions/dispatch-message.ts'
import { newId } from '#shared/platform/ids.ts'
import { OUTPUT } from '#shared/platform/names.ts'
import { deployedCloud, eventually } from '../helpers/deployed-cloud.ts'

const DOCUMENTS = join(import.meta.dirname, '../fixtures/documents')

describe('the first stream', () => {
  const cloud = deployedCloud()
  const client = cloud.client()
  afterAll(() => client.close())

  /** An agent of its own for each test, so that nobody else's messages reach it. */
  async function anAgentOn(topic: string): Promise<string> {
    const agentId = `reader-${newId()}`
    const llm = { provider: 'openai', service: 'demo', model: 'scripted-1' }
    const { status } = await cloud.call('POST', '/v1/agents', {
      body: { agentId, name: 'Reader', topics: [topic], llm, autoStart: true },
    })
    expect(status).toBe(201)
    return agentId
  }

  /** Execution ids of an agent, as its topic's messages made them, by the order of the messages. */
  const executionOf = (messageId: string, agentId: string) =>
    eventually(async () => {
      const executionId = messageExecutionId('default', { source: 'test', id: messageId }, agentId)
      const { status } = await cloud.call('GET', `/v1/executions/${executionId}`)
      return status === 200 ? executionId : undefined
    })

  it('answers a request token by token, with a proof that the client verifies', async () => {
    const stream = await client.run('assistant', '[[rate=10]] Say hello in one sentence.', { packed: false })
    const types: string[] = []
    for await (const event of stream) types.push(event.type)
    const result = await stream.done

    expect(result).toMatchObject({ status: 'completed', verified: true })
    expect(result.text.toLowerCase()).toContain('hello')
    expect(types[0]).toBe('started')
    expect(types.filter((type) => type === 'content_chunk').length).toBeGreaterThan(1)
    const stored = await client.getExecution(stream.executionId)
    expect(stored).toMatchObject({ status: 'completed', output: { text: result.text }, attempt: 1 })
  })

  it('streams five documents that an AWS client sent to the queue', async () => {
    const topic = `documents-${newId()}`
    const agentId = await anAgentOn(topic)
    const files = readdirSync(DOCUMENTS)
    expect(files).toHaveLength(5)

    for (const file of files) {
      const content = readFileSync(join(DOCUMENTS, file), 'utf8')
      const envelope = { specversion: '1.0', id: file, type: 'document', source: 'test', topic, data: { content } }
      await cloud.sendToIngress(JSON.stringify(envelope))
    }

    const results = await Promise.all(files.map(async (file) => client.execution(await executionOf(file, agentId)).done))
    for (const result of results) expect(result).toMatchObject({ status: 'completed', verified: true })
    expect(new Set(results.map((result) => result.text)).size).toBe(5)
  })

  it('shows a message that no frame can carry by its reference, and goes on behind it', async () => {
    const topic = `large-${newId()}`
    const stream = client.topic(topic)
    const messages = stream[Symbol.asyncIterator]()
    const next = async () => (await messages.next()).value?.data
    await stream.ready

    await client.publish(topic, 'x'.repeat(180_000))
    const large = await next()
    await client.publish(topic, 'small')

    expect(await next()).toMatchObject({ data: 'small' })
    expect(large).toMatchObject({ data: null, dataref: expect.stringContaining(topic) })
    const { body } = await cloud.call('GET', String(large?.dataref))
    expect(body).toMatchObject({ events: [{ data: { id: large?.id, data: 'x'.repeat(180_000) } }], next: 0 })
    stream.close()
  })

  it('takes raw JSON from the queue, by the message attribute that names the topic', async () => {
    const topic = `raw-${newId()}`
    await anAgentOn(topic)
    const messages = client.topic(topic, { after: -1 })

    await cloud.sendToIngress(JSON.stringify({ content: 'no envelope' }), { topic })

    for await (const event of messages) {
      expect(event.data).toMatchObject({ topic, data: { content: 'no envelope' } })
      break
    }
  })

  it('takes a message over HTTP, through the bus, and shows it on its topic in order', async () => {
    const topic = `news-${newId()}`
    const messages = client.topic(topic, { after: -1 })
    for (let index = 0; index < 5; index++) {
      const { status } = await cloud.call('POST', `/v1/topics/${topic}/messages`, { body: { data: { index } } })
      expect(status).toBe(202)
    }

    const seen: number[] = []
    for await (const event of messages) {
      expect(event.sequence).toBe(seen.length)
      seen.push((event.data.data as { index: number }).index)
      if (seen.length === 5) break
    }
    expect(seen.sort()).toEqual([0, 1, 2, 3, 4])
  })

  it('runs a message that is delivered twice once', async () => {
    // A worker that another test has killed leaves its message hidden in the queue for minutes.
    const others = await cloud.depth(OUTPUT.workQueueUrl)
    const topic = `twice-${newId()}`
    const agentId = await anAgentOn(topic)
    const id = newId()
    const envelope = { specversion: '1.0', id, type: 'question', source: 'test', topic, data: { content: 'Once only.' } }

    await Promise.all([1, 2, 3].map(() => cloud.sendToIngress(JSON.stringify(envelope))))
    const executionId = await executionOf(id, agentId)
    await Promise.all([1, 2, 3].map(() => cloud.sendToWork('default', executionId)))
    const result = await client.execution(executionId).done
    await cloud.sendToWork('default', executionId)

    expect(result).toMatchObject({ status: 'completed', verified: true })
    await eventually(async () => ((await cloud.depth(OUTPUT.workQueueUrl)) <= others ? true : undefined))
    expect(await client.getExecution(executionId)).toMatchObject({ attempt: 1, status: 'completed' })
    const { body } = await cloud.call('GET', `/v1/executions/${executionId}/events`)
    const types = (body.events as { type: string }[]).map((event) => event.type)
    expect(types.filter((type) => type === 'completed')).toHaveLength(1)
  })

  it('puts a message that can never be handled into the dead-letter queue', async () => {
    const before = await cloud.depth(OUTPUT.ingressDeadLetterQueueUrl)

    await cloud.sendToIngress('this is not JSON')

    await eventually(async () => ((await cloud.depth(OUTPUT.ingressDeadLetterQueueUrl)) > before ? true : undefined))
  })
})
