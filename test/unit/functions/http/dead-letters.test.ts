import { describe, expect, it } from 'vitest'
import { memoryDeadLetters } from '#shared/messaging/memory-dead-letters.ts'
import { aLetter } from '../../../helpers/dead-letters.ts'
import { httpCaller } from '../../../helpers/http-caller.ts'

function caller() {
  const deadLetters = memoryDeadLetters([
    aLetter({ id: 'l-1', attributes: { messageId: 'm-1' } }),
    aLetter({ id: 'l-2', attributes: { code: 'validation_error' } }),
    aLetter({ id: 'theirs', attributes: { tenant: 'globex' } }),
  ])
  return { deadLetters, ...httpCaller({ deadLetters }) }
}

describe('GET /v1/dead-letters', () => {
  it('lists the tenant’s, with the reason', async () => {
    const { call } = caller()

    const { status, body } = await call('GET', '/v1/dead-letters')

    expect(status).toBe(200)
    expect(body).toMatchObject({ deadLetters: [{ id: 'l-1', messageId: 'm-1', code: 'not_found' }, { id: 'l-2' }], more: false })
  })

  it('filters', async () => {
    const { call } = caller()

    const { body } = await call('GET', '/v1/dead-letters', { query: { code: 'validation_error', queue: 'ingress', limit: '5' } })

    expect(body).toMatchObject({ deadLetters: [{ id: 'l-2' }] })
  })

  it.each([{ limit: '0' }, { limit: '101' }, { queue: 'sweep' }, { olderThan: 'yesterday' }, { tenant: 'globex' }])(
    'refuses %o',
    async (query) => {
      const { call } = caller()

      expect((await call('GET', '/v1/dead-letters', { query })).status).toBe(422)
    },
  )

  it('knows no queue of an agent that is not there', async () => {
    const { call } = caller()

    expect((await call('GET', '/v1/dead-letters', { query: { queue: 'agent-x' } })).status).toBe(404)
  })
})

describe('GET /v1/dead-letters/{queue}/{id}', () => {
  it('shows one', async () => {
    const { call } = caller()

    expect((await call('GET', '/v1/dead-letters/ingress/l-1')).body).toMatchObject({ id: 'l-1', body: '{"question":"why?"}' })
  })

  it('does not show another tenant’s', async () => {
    const { call } = caller()

    expect((await call('GET', '/v1/dead-letters/ingress/theirs')).status).toBe(404)
  })
})

describe('POST /v1/dead-letters/redrive and discard', () => {
  it('sends back by id', async () => {
    const { call, deadLetters } = caller()

    const { body } = await call('POST', '/v1/dead-letters/redrive', { body: { ids: ['l-1', 'theirs'] } })

    expect(body).toEqual({ redriven: 1, failed: 0, more: false })
    expect(deadLetters.sentBack.map(({ id }) => id)).toEqual(['l-1'])
  })

  it('discards by filter', async () => {
    const { call, deadLetters } = caller()

    const { body } = await call('POST', '/v1/dead-letters/discard', { body: { queue: 'ingress', filter: {} } })

    expect(body).toEqual({ discarded: 2, failed: 0, more: false })
    expect([...deadLetters.stored.keys()]).toEqual(['theirs'])
  })

  it.each([{}, { queue: 'ingress' }, { ids: [] }, { ids: ['l-1'], filter: {} }, { filter: { tenant: 'globex' } }])(
    'refuses %o: what is meant must be said',
    async (body) => {
      const { call, deadLetters } = caller()

      expect((await call('POST', '/v1/dead-letters/discard', { body })).status).toBe(422)
      expect(deadLetters.stored.size).toBe(3)
    },
  )

  it('need the right to write', async () => {
    const { call, tokenOf } = caller()
    const token = await tokenOf('acme', ['queues:read'])

    expect((await call('POST', '/v1/dead-letters/redrive', { body: { filter: {} }, token })).status).toBe(403)
    expect((await call('POST', '/v1/dead-letters/discard', { body: { filter: {} }, token })).status).toBe(403)
    expect((await call('GET', '/v1/dead-letters', { token: await tokenOf('acme', ['topics:read']) })).status).toBe(403)
  })
})
