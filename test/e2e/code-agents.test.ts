import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { messageExecutionId } from '#shared/executions/dispatch-message.ts'
import { newId } from '#shared/platform/ids.ts'
import { deployedCloud, eventually } from '../helpers/deployed-cloud.ts'

const AGENTS = ['echo', 'passthrough', 'chat', 'support', 'documents', 'health', 'marathon']

describe('agents in code', () => {
  const cloud = deployedCloud()
  const client = cloud.client()
  afterAll(() => client.close())

  beforeAll(async () => {
    for (const agentId of AGENTS) {
      await eventually(async () => {
        const { body } = await cloud.call('GET', `/v1/agents/${agentId}`)
        return body.status === 'running' ? true : undefined
      })
    }
  })

  const execute = async (body: Record<string, unknown>): Promise<string> => {
    const { status, body: accepted } = await cloud.call('POST', '/v1/executions', { body })
    expect(status).toBe(202)
    return String(accepted.executionId)
  }

  /** Sends a message to a topic, as any AWS client would. */
  async function send(topic: string, type: string, data: unknown): Promise<string> {
    const id = newId()
    await cloud.sendToIngress(JSON.stringify({ specversion: '1.0', id, type, source: 'test', topic, data }))
    return id
  }

  /** What an agent made of a message. */
  const outcomeOf = (messageId: string, agentId: string) =>
    eventually(async () => {
      const executionId = messageExecutionId('default', { source: 'test', id: messageId }, agentId)
      const { status, body } = await cloud.call('GET', `/v1/executions/${executionId}`)
      return status === 200 && body.endedAt !== undefined ? body : undefined
    })

  it('are registered as their code says, each with a queue of its own', async () => {
    const { body } = await cloud.call('GET', '/v1/agents/health')

    expect(body).toMatchObject({
      kind: 'function',
      topics: ['health_data', 'alerts'],
      taskTypes: expect.arrayContaining(['process_vitals', 'blood_pressure']),
      deployment: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
  })

  it('answer with text and data: echo', async () => {
    const executionId = await execute({ agentId: 'echo', input: { hello: 'world' } })

    expect(await client.execution(executionId).done).toMatchObject({
      status: 'completed',
      verified: true,
      text: '{"hello":"world"}',
    })
    const { body } = await cloud.call('GET', `/v1/executions/${executionId}`)
    expect(body).toMatchObject({ attempt: 1, output: { data: { processed: true, input: { hello: 'world' } } } })
  })

  it('sort tickets by their priority, and stream an answer: support', async () => {
    const topic = client.topic('tickets.high')
    const passedOn = topic[Symbol.asyncIterator]()
    const next = passedOn.next()
    await topic.ready
    const messageId = await send('tickets', 'ticket', { subject: 'No water', description: 'The gate is shut.', priority: 'high' })

    const outcome = await outcomeOf(messageId, 'support')

    expect(outcome).toMatchObject({ status: 'completed', output: { data: { id: messageId, passedTo: 'tickets.high' } } })
    expect(outcome.usage).toMatchObject({ outputTokens: expect.any(Number) })
    expect((await next).value?.data).toMatchObject({ type: 'ticket.answered', priority: 9, correlationId: messageId, depth: 1 })
    await passedOn.return?.()
  })

  it('refuse data that they can never handle once, and keep why: support', async () => {
    const messageId = await send('tickets', 'ticket', { subject: 'No description' })

    const outcome = await outcomeOf(messageId, 'support')

    expect(outcome).toMatchObject({ status: 'failed', attempt: 1, error: { code: 'validation_error' } })
    expect(JSON.stringify(outcome.error)).toContain('description')
    const { executionId } = outcome
    const deadLetter = await eventually(async () => {
      const { body } = await cloud.call('GET', '/v1/dead-letters?queue=agent-support&code=validation_error')
      return (body.deadLetters as Record<string, unknown>[]).find((letter) => letter.executionId === executionId)
    })
    expect(deadLetter).toMatchObject({ agentId: 'support', detail: expect.stringContaining('"description"') })
  })

  it('forward an alert of 141 through two topics, and say nothing of 140: health', async () => {
    const alerts = client.topic('health_alerts')
    await alerts.ready
    const reading = (systolic: number) => ({
      patient_id: newId(),
      reading_type: 'blood_pressure',
      value: { systolic, diastolic: 90 },
    })
    const [normal, high] = [reading(140), reading(141)]

    const normalId = await send('health_data', 'blood_pressure', normal)
    expect(await outcomeOf(normalId, 'health')).toMatchObject({ status: 'completed', output: { data: { alert: false } } })
    await send('health_data', 'blood_pressure', high)

    for await (const { data } of alerts) {
      expect(data).toMatchObject({
        type: 'ALERT_TRIGGERED',
        source: '/agents/health',
        depth: 2,
        data: { alert: 'high_blood_pressure', reading: high },
      })
      break
    }
  })

  it('refuse types that they do not know at the door: health', async () => {
    const { status, body } = await cloud.call('POST', '/v1/executions', {
      body: { agentId: 'health', type: 'heart_rate', input: {} },
    })

    expect({ status, code: body.code }).toEqual({ status: 422, code: 'unsupported_task_type' })
  })

  it('give their model what was said before, conversation by conversation: chat', async () => {
    const inputTokens = async (conversationId: string): Promise<number> => {
      const executionId = await execute({ agentId: 'chat', input: { content: 'What is a sluice?' }, conversationId })
      expect(await client.execution(executionId).done).toMatchObject({ status: 'completed', verified: true })
      return (await client.getExecution(executionId)).usage?.inputTokens ?? 0
    }
    const [one, other] = [newId(), newId()]

    const first = await inputTokens(one)

    expect(await inputTokens(one)).toBeGreaterThan(first)
    expect(await inputTokens(other)).toBe(first)
  })

  it('store what they found by its URL: documents', async () => {
    const document_url = `${cloud.frontDoorUrl}/health`
    const { status } = await client.execution(await execute({ agentId: 'documents', input: { document_url } })).done
    expect(status).toBe('completed')

    const readId = await execute({ agentId: 'documents', type: 'read-analysis', input: { document_url } })

    await client.execution(readId).done
    const { body } = await cloud.call('GET', `/v1/executions/${readId}`)
    expect(body).toMatchObject({ output: { data: { document_url, analysis: expect.stringMatching(/./) } } })
  })

  it('write for longer than their function may run, without a seam: marathon', async () => {
    const steps = 50
    const executionId = await execute({ agentId: 'marathon', input: { steps, pause: 500 } })

    const { text, ...result } = await client.execution(executionId).done

    expect(result).toMatchObject({ status: 'completed', verified: true })
    expect(text).toBe(Array.from({ length: steps }, (_, step) => `Step ${step + 1} of ${steps}.\n`).join(''))
    const { body } = await cloud.call('GET', `/v1/executions/${executionId}`)
    expect(body).toMatchObject({ attempt: 1, status: 'completed' })
    const seconds = (Date.parse(String(body.endedAt)) - Date.parse(String(body.startedAt))) / 1_000
    expect(seconds).toBeGreaterThan(20)
    const { body: page } = await cloud.call('GET', `/v1/executions/${executionId}/events?after=-1&limit=1000`)
    const types = (page.events as { type: string }[]).map(({ type }) => type)
    expect(types.filter((type) => type === 'started')).toHaveLength(1)
    expect(types).not.toContain('retrying')
  })
})
