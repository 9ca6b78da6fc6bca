import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '#shared/platform/ids.ts'
import { deployedCloud, eventually } from '../helpers/deployed-cloud.ts'
import { type Posted, startReceiver } from '../helpers/webhooks.ts'

const LLM = { provider: 'openai', service: 'demo', model: 'scripted-1' }

const cloud = deployedCloud()

/** An address outside that answers what the test says, one status after another; 204 in the end. */
async function receiver(...statuses: number[]) {
  return startReceiver((response) => response.writeHead(statuses.shift() ?? 204).end())
}

describe('outside', () => {
  let tenant: string
  let address: Awaited<ReturnType<typeof receiver>> | undefined
  beforeEach(() => {
    tenant = `outside-${newId()}`
  })
  afterEach(() => address?.stop())

  const call = (method: string, path: string, body?: unknown) =>
    cloud.call(method, path, { caller: { tenant }, ...(body !== undefined && { body }) })

  async function createAgent(agentId: string): Promise<void> {
    const body = { agentId, name: agentId, llm: LLM, autoStart: true }
    expect((await call('POST', '/v1/agents', body)).status).toBe(201)
  }

  async function ask(agentId: string, callbackUrl?: string): Promise<string> {
    const { status, body } = await call('POST', '/v1/executions', { agentId, input: { content: 'Hi' }, callbackUrl })
    expect(status).toBe(202)
    return String(body.executionId)
  }

  /** What an address was told, verified with the tenant's key. */
  async function verified({ body, headers }: Posted): Promise<unknown> {
    const { body: signing } = await call('GET', '/v1/webhooks/signing-key')
    return new Webhook(String(signing.key)).verify(body, headers as Record<string, string>)
  }

  const delivered = (path: string) =>
    eventually(async () => {
      const { body } = await call('GET', path)
      const [delivery] = body.deliveries as { status: string }[]
      return delivery && delivery.status !== 'pending' ? delivery : undefined
    })

  it('hears of the end of an execution, once, signed', async () => {
    address = await receiver()
    await createAgent('assistant')

    const executionId = await ask('assistant', address.url)

    expect(await delivered(`/v1/executions/${executionId}/callbacks`)).toMatchObject({
      executionId,
      type: 'execution.completed',
      status: 'delivered',
      attempts: [{ attempt: 1, statusCode: 204 }],
    })
    expect(address.received).toHaveLength(1)
    const [posted] = address.received
    if (!posted) throw new Error('nothing was posted')
    const { body: execution } = await call('GET', `/v1/executions/${executionId}`)
    expect(await verified(posted)).toEqual(execution)
  })

  it('hears of it in the second attempt, when the first one failed', async () => {
    address = await receiver(503)
    await createAgent('assistant')

    const executionId = await ask('assistant', address.url)

    expect(await delivered(`/v1/executions/${executionId}/callbacks`)).toMatchObject({
      status: 'delivered',
      attempts: [
        { attempt: 1, statusCode: 503 },
        { attempt: 2, statusCode: 204 },
      ],
    })
    const ids = address.received.map(({ headers }) => headers['webhook-id'])
    expect(ids).toHaveLength(2)
    expect(new Set(ids).size).toBe(1)
  })

  it('hears of the events that it asked for', async () => {
    address = await receiver()
    const request = { url: address.url, events: ['agent.created', 'execution.completed'] }
    const { body: webhook } = await call('POST', '/v1/webhooks', request)
    await createAgent('assistant')

    const executionId = await ask('assistant')

    const { received } = address
    await eventually(async () => (received.length >= 2 ? true : undefined))
    const events = (await Promise.all(received.map(verified))) as { type: string; data: { executionId?: string } }[]
    expect(events.map(({ type }) => type).toSorted()).toEqual(['agent.created', 'execution.completed'])
    expect(events.find(({ type }) => type === 'execution.completed')?.data.executionId).toBe(executionId)
    const { body } = await call('GET', `/v1/webhooks/${webhook.webhookId}/deliveries`)
    expect(body.deliveries).toHaveLength(2)
  })

  it('hears nothing any more once it is gone', async () => {
    address = await receiver(410)
    const { body: webhook } = await call('POST', '/v1/webhooks', { url: address.url, events: ['agent.created'] })
    await createAgent('first')

    await eventually(async () => {
      const { body } = await call('GET', `/v1/webhooks/${webhook.webhookId}`)
      return body.status === 'disabled' ? true : undefined
    })

    expect(address.received).toHaveLength(1)
    expect(await delivered(`/v1/webhooks/${webhook.webhookId}/deliveries`)).toMatchObject({ status: 'failed' })
  })
})
