import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeIngressRecord } from '#shared/messaging/decode-ingress-record.ts'
import { readDeadLetter } from '#shared/messaging/read-dead-letter.ts'
import { aLetter, aWorkLetter, type LetterOverrides } from '../../helpers/dead-letters.ts'
import { aRecord } from '../../helpers/sqs-events.ts'

const read = (overrides?: LetterOverrides) => readDeadLetter(aLetter(overrides), 'default')
const none = { tenant: '', topic: '', code: '', detail: '' }

describe('readDeadLetter: ingress', () => {
  it('tells why, of whom and for whom', () => {
    expect(read({ id: 'l-1', attributes: { messageId: 'm-1' } })).toEqual({
      tenant: 'acme',
      deadLetter: {
        queue: 'ingress',
        id: 'l-1',
        code: 'not_found',
        detail: 'agent "nobody" does not exist',
        messageId: 'm-1',
        topic: 'questions',
        time: '2026-11-21T09:30:00.000Z',
        receiveCount: 1,
        body: '{"question":"why?"}',
      },
    })
  })

  it('takes topic, addressee and id of an envelope', () => {
    const body = { specversion: '1.0', id: 'm-7', to: 'assistant', type: 'question', data: 1 }

    expect(read({ body, attributes: { topic: '' } })?.deadLetter).toMatchObject({ messageId: 'm-7', agentId: 'assistant' })
  })

  it('knows a message of the bus by its detail', () => {
    const detail = { tenant: 'globex', envelope: { id: 'm-8', topic: 'news' } }
    const body = { source: 'sluice.messages', 'detail-type': 'message', detail }

    expect(read({ body, attributes: { ...none, tenant: 'acme' } })).toMatchObject({
      tenant: 'globex',
      deadLetter: { messageId: 'm-8', topic: 'news', code: 'gave_up' },
    })
  })

  it('takes the reason of EventBridge where that is all there is', () => {
    const attributes = { ...none, ERROR_CODE: 'NO_PERMISSIONS', ERROR_MESSAGE: 'not allowed' }

    expect(read({ attributes })?.deadLetter).toMatchObject({ code: 'NO_PERMISSIONS', detail: 'not allowed' })
  })

  it('belongs to the default tenant when it names none', () => {
    expect(read({ body: '{"broken', attributes: none })).toMatchObject({ tenant: 'default', deadLetter: { body: '{"broken' } })
  })

  it.each([
    ['a tenant that is none', { attributes: { tenant: 'acme/../globex' } }],
    ['a bus message without a tenant', { body: { source: 'sluice.messages', 'detail-type': 'message', detail: {} } }],
    [
      'a bus message with a tenant that is none',
      { body: { source: 'sluice.messages', 'detail-type': 'm', detail: { tenant: ['acme'] } } },
    ],
  ] satisfies [string, LetterOverrides][])('is nobody’s with %s', (_what, overrides) => {
    expect(read(overrides)).toBeUndefined()
  })

  it('names the same tenant as dispatch does, whatever the body says', () => {
    const bodies = fc.oneof(
      fc.json(),
      fc.record({ tenant: fc.string(), topic: fc.constant('news'), data: fc.jsonValue() }).map((body) => JSON.stringify(body)),
      fc.tuple(fc.constantFrom('globex', 'a/b', ''), fc.constantFrom('sluice.messages', 'other')).map(([tenant, source]) =>
        JSON.stringify({
          source,
          'detail-type': 'm',
          detail: { tenant, envelope: { id: '1', type: 'm', topic: 'news', data: 1 } },
        }),
      ),
    )
    fc.assert(
      fc.property(bodies, fc.constantFrom('acme', ''), (body, tenant) => {
        const seen = readDeadLetter(aLetter({ body, attributes: { ...none, topic: 'news', tenant } }), 'default')?.tenant
        const record = aRecord(body, { topic: 'news', ...(tenant && { tenant }) })
        let dispatched: string | undefined
        try {
          dispatched = decodeIngressRecord(record, 'default').tenant
        } catch {
          return
        }
        expect(seen).toBe(dispatched)
      }),
    )
  })
})

describe('readDeadLetter: work', () => {
  it('tells the execution', () => {
    expect(readDeadLetter(aWorkLetter('acme', { queue: 'agent-support' }), 'default')).toMatchObject({
      tenant: 'acme',
      deadLetter: { queue: 'agent-support', code: 'gave_up', executionId: 'e-1', agentId: 'assistant' },
    })
  })

  it.each(['', '[]', '{"executionId":"e-1"}', '{"tenant":"a/b","executionId":"e-1"}'])('is nobody’s when it is %s', (body) => {
    expect(readDeadLetter(aWorkLetter('acme', { body }), 'default')).toBeUndefined()
  })
})
