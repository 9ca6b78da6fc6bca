import { describe, expect, it } from 'vitest'
import { newId } from '#shared/platform/ids.ts'
import { signingKeyOf } from '#shared/webhooks/signature.ts'
import { anExecution } from '../../../helpers/executions.ts'
import { httpCaller, TOKEN_SECRET } from '../../../helpers/http-caller.ts'
import { aCallback, aWebhookDelivery } from '../../../helpers/webhooks.ts'

const request = { url: 'https://example.com/hook', events: ['execution.', 'agent.failed'] }

async function withWebhook() {
  const { call, tokenOf, dependencies } = httpCaller()
  const { body } = await call('POST', '/v1/webhooks', { body: request })
  return { call, tokenOf, dependencies, path: `/v1/webhooks/${body.webhookId}`, webhookId: String(body.webhookId), webhook: body }
}

describe('POST /v1/webhooks', () => {
  it('subscribes an address, and says where it is', async () => {
    const { call } = httpCaller()

    const { status, headers, body } = await call('POST', '/v1/webhooks', { body: request })

    expect(status).toBe(201)
    expect(body).toMatchObject({ ...request, status: 'active' })
    expect(headers.location).toBe(`/v1/webhooks/${body.webhookId}`)
  })

  it.each([
    ['http', { url: 'http://example.com/' }],
    ['a password', { url: 'https://a:b@example.com/' }],
    ['no event', { events: [] }],
    ['an unknown event', { events: ['execution.exploded'] }],
    ['a beginning without its dot', { events: ['execution'] }],
    ['an unknown field', { secret: 'mine' }],
  ])('refuses %s', async (_what, change) => {
    const { call } = httpCaller()

    const { status, body } = await call('POST', '/v1/webhooks', { body: { ...request, ...change } })

    expect([status, body.code]).toEqual([422, 'validation_error'])
  })
})

describe('/v1/webhooks', () => {
  it('lists, shows and removes', async () => {
    const { call, path, webhook } = await withWebhook()

    expect((await call('GET', '/v1/webhooks')).body).toEqual({ webhooks: [webhook] })
    expect((await call('GET', path)).body).toEqual(webhook)
    expect((await call('DELETE', path)).status).toBe(204)
    expect((await call('GET', path)).status).toBe(404)
    expect((await call('DELETE', path)).status).toBe(404)
  })

  it.each([
    ['GET', ''],
    ['DELETE', ''],
    ['GET', '/deliveries'],
  ])('%s of another tenant’s%s is not found', async (method, rest) => {
    const { call, tokenOf, path } = await withWebhook()

    expect((await call(method, path + rest, { token: await tokenOf('globex') })).status).toBe(404)
    expect((await call('GET', path)).status).toBe(200)
  })

  it('tells a tenant its signing key, and no other', async () => {
    const { call, tokenOf } = httpCaller()

    const mine = await call('GET', '/v1/webhooks/signing-key')
    const theirs = await call('GET', '/v1/webhooks/signing-key', { token: await tokenOf('globex') })

    expect(mine.body).toEqual({ key: signingKeyOf(TOKEN_SECRET, 'acme') })
    expect(theirs.body.key).not.toBe(mine.body.key)
  })

  it.each([
    ['POST', '/v1/webhooks', 'webhooks:read'],
    ['GET', '/v1/webhooks/signing-key', 'webhooks:read'],
    ['GET', '/v1/webhooks', 'executions:read'],
    ['DELETE', `/v1/webhooks/${newId()}`, 'webhooks:read'],
  ] as const)('%s %s needs more than %s', async (method, path, scope) => {
    const { call, tokenOf } = httpCaller()

    expect((await call(method, path, { body: request, token: await tokenOf('acme', [scope]) })).status).toBe(403)
  })
})

describe('deliveries', () => {
  const now = Date.parse('2026-11-21T09:30:00.000Z')
  const SPAN = { now, until: now + 1 }
  const attempt = { attempt: 1, time: '2026-11-21T09:30:01.000Z', durationMs: 12, statusCode: 204 }

  it('of a webhook are listed page by page', async () => {
    const { call, dependencies, path, webhookId } = await withWebhook()
    for (const second of [1, 2]) {
      const delivery = aWebhookDelivery({ webhookId, time: `2026-11-21T09:30:0${second}.000Z` })
      await dependencies.deliveryLog.begin(delivery, SPAN)
      await dependencies.deliveryLog.record(delivery, attempt, 'delivered')
    }

    const { body } = await call('GET', `${path}/deliveries`, { query: { limit: '1' } })

    expect(body).toMatchObject({
      deliveries: [{ webhookId, status: 'delivered', attempts: [attempt] }],
      next: expect.any(String),
    })
  })

  it('of an execution are its callback', async () => {
    const { call, dependencies, tokenOf } = httpCaller()
    const record = anExecution()
    await dependencies.executions.create(record, 0)
    const { executionId } = record
    await dependencies.deliveryLog.begin(aCallback({ executionId }), SPAN)
    const path = `/v1/executions/${executionId}/callbacks`

    expect((await call('GET', path)).body).toMatchObject({ deliveries: [{ executionId, status: 'pending', attempts: [] }] })
    expect((await call('GET', path, { token: await tokenOf('globex') })).status).toBe(404)
  })

  it('are refused a foreign cursor', async () => {
    const { call, path } = await withWebhook()

    expect((await call('GET', `${path}/deliveries`, { query: { after: 'x' } })).status).toBe(422)
  })
})

describe('POST /v1/executions', () => {
  it('refuses a callback to an address that may not be called', async () => {
    const { call } = httpCaller()
    const body = { agentId: 'assistant', input: { content: 'why?' }, callbackUrl: 'http://example.com/' }

    expect((await call('POST', '/v1/executions', { body })).body).toMatchObject({
      code: 'validation_error',
      detail: expect.stringContaining('https://'),
    })
  })
})
