import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeIngressRecord, type IngressRecord } from '#shared/messaging/decode-ingress-record.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import type { Envelope } from '#shared/protocol/envelope.ts'
import { MAX_DATA_DEPTH } from '#shared/protocol/json-depth.ts'
import { MAX_MESSAGE_BYTES } from '#shared/protocol/limits.ts'

const SENT = '2026-11-21T09:30:00.123Z'

const envelopeOf = (overrides: Partial<Envelope> = {}): Envelope => ({
  specversion: '1.0',
  id: 'message-1',
  type: 'question',
  source: '/principals/ada',
  time: '2026-11-21T09:00:00Z',
  topic: 'questions',
  data: { content: 'Why?' },
  ...overrides,
})

const busEventOf = (detail: unknown) => ({
  version: '0',
  id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
  'detail-type': 'question',
  source: 'sluice.messages',
  account: '000000000000',
  time: SENT,
  region: 'us-east-1',
  resources: [],
  detail,
})

function recordOf(body: unknown, attributes: Record<string, string> = {}): IngressRecord {
  const text = (stringValue: string) => ({ stringValue, dataType: 'String' })
  return {
    messageId: 'sqs-message-1',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    attributes: { SentTimestamp: String(Date.parse(SENT)) },
    messageAttributes: Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, text(value)])),
  }
}

const decode = (body: unknown, attributes?: Record<string, string>) => decodeIngressRecord(recordOf(body, attributes), 'default')
const refusal = (matching: string) =>
  expect.objectContaining({ code: 'validation_error', message: expect.stringContaining(matching) })

/** Values as they come out of a JSON text. */
const json = fc.jsonValue({ maxDepth: 5 }).map((value) => JSON.parse(JSON.stringify(value)))
const envelopes = fc.record({
  specversion: fc.constant('1.0' as const),
  id: fc.string({ minLength: 1, maxLength: 256 }),
  type: fc.string({ minLength: 1, maxLength: 128 }),
  source: fc.string({ minLength: 1, maxLength: 512 }),
  time: fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }).map((date) => date.toISOString()),
  topic: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/),
  data: json.filter((value) => !JSON.stringify(value).includes('__proto__')),
})

describe('decodeIngressRecord, an event of the bus', () => {
  it('takes tenant and envelope from the detail', () => {
    expect(decode(busEventOf({ tenant: 'acme', envelope: envelopeOf() }))).toEqual({ tenant: 'acme', envelope: envelopeOf() })
  })

  it('gives back any envelope', () => {
    fc.assert(
      fc.property(envelopes, (envelope) => {
        expect(decode(busEventOf({ tenant: 'acme', envelope }))).toEqual({ tenant: 'acme', envelope })
      }),
    )
  })

  it('takes who asked first from the detail, and from no envelope', () => {
    const envelope = { ...envelopeOf(), rootSource: '/principals/eve' }

    expect(decode(busEventOf({ tenant: 'acme', envelope, rootSource: '/principals/ada' }))).toEqual({
      ...{ tenant: 'acme', envelope: envelopeOf(), rootSource: '/principals/ada' },
    })
    expect(decode(busEventOf({ tenant: 'acme', envelope })).rootSource).toBeUndefined()
    expect(decode(envelope)).toEqual({ tenant: 'default', envelope: envelopeOf() })
  })

  it('does not take the tenant from a message attribute', () => {
    expect(decode(busEventOf({ tenant: 'acme', envelope: envelopeOf() }), { tenant: 'globex' }).tenant).toBe('acme')
  })

  it('fills in source and time', () => {
    const { source: _source, time: _time, ...sparse } = envelopeOf()

    expect(decode(busEventOf({ tenant: 'acme', envelope: sparse })).envelope).toMatchObject({ source: 'eventbridge', time: SENT })
  })

  it.each([
    ['no detail', undefined],
    ['no tenant', { envelope: envelopeOf() }],
    ['a tenant that would break out of a key', { tenant: 'acme#AGENT', envelope: envelopeOf() }],
    ['no envelope', { tenant: 'acme' }],
    ['an envelope without id', { tenant: 'acme', envelope: { ...envelopeOf(), id: undefined } }],
  ])('refuses %s', (_what, detail) => {
    expect(() => decode({ ...busEventOf({}), detail })).toThrow(refusal('is not valid'))
  })
})

describe('decodeIngressRecord, an envelope on the queue', () => {
  it('takes it as it is, for the default tenant', () => {
    expect(decode(envelopeOf())).toEqual({ tenant: 'default', envelope: envelopeOf() })
  })

  it('gives back any envelope', () => {
    fc.assert(
      fc.property(envelopes, (envelope) => {
        expect(decode(envelope).envelope).toEqual(envelope)
      }),
    )
  })

  it('knows it without specversion, and fills in source and time', () => {
    const { specversion: _specversion, source: _source, time: _time, ...sparse } = envelopeOf()

    expect(decode(sparse).envelope).toEqual(envelopeOf({ source: 'sqs', time: SENT }))
  })

  it('takes tenant and topic from message attributes, where the envelope has none', () => {
    const { topic: _topic, ...unaddressed } = envelopeOf()
    const attributes = { tenant: 'acme', topic: 'other' }

    expect(decode(unaddressed, attributes)).toMatchObject({ tenant: 'acme', envelope: { topic: 'other' } })
    expect(decode(envelopeOf(), attributes).envelope.topic).toBe('questions')
  })

  it('takes a message to one agent, and leaves its topic empty', () => {
    const { topic: _topic, ...unaddressed } = envelopeOf({ to: 'assistant' })

    expect(decode(unaddressed, { topic: 'other' }).envelope).toEqual(unaddressed)
  })

  it.each([
    [1_795_252_800, '2026-11-21T09:20:00.000Z'],
    [1_795_252_800.25, '2026-11-21T09:20:00.250Z'],
    [0, '1970-01-01T00:00:00.000Z'],
  ])('understands a time of %d Unix seconds', (time, expected) => {
    expect(decodeIngressRecord(recordOf({ ...envelopeOf(), time }), 'default').envelope.time).toBe(expected)
  })

  it.each([[Number.MAX_VALUE], [1e12], [-1e14]])('refuses %d as a time: no calendar has it', (time) => {
    expect(() => decodeIngressRecord(recordOf({ ...envelopeOf(), time }), 'default')).toThrow(
      expect.objectContaining({ code: 'validation_error', fields: [expect.objectContaining({ path: 'time' })] }),
    )
  })

  it('leaves out what it does not know', () => {
    expect(decode({ ...envelopeOf(), tenant: 'globex', extension: 1 })).toEqual({ tenant: 'default', envelope: envelopeOf() })
  })

  it.each([
    ['no address', { topic: undefined }, 'either "topic" or "to"'],
    ['two addresses', { to: 'assistant' }, 'either "topic" or "to"'],
    ['another version', { specversion: '0.3' }, 'specversion'],
    ['no data', { data: undefined }, 'data'],
    ['a wrong time', { time: 'yesterday' }, 'time'],
    ['a topic that is no name', { topic: 'a#b' }, 'topic'],
    ['a null topic', { topic: null }, 'topic'],
  ])('refuses %s', (_what, overrides, reason) => {
    expect(() => decode({ ...envelopeOf(), ...overrides })).toThrow(refusal(reason))
  })

  it.each([['acme#AGENT'], [''], [' ']])('refuses the tenant "%s"', (tenant) => {
    expect(() => decode(envelopeOf(), { tenant })).toThrow(refusal('tenant'))
  })
})

describe('decodeIngressRecord, other JSON', () => {
  it('makes it the data of a message on the topic of the attribute', () => {
    expect(decode({ content: 'Why?' }, { topic: 'questions', tenant: 'acme' })).toEqual({
      tenant: 'acme',
      envelope: {
        specversion: '1.0',
        id: 'sqs-message-1',
        type: 'message',
        source: 'sqs',
        time: SENT,
        topic: 'questions',
        data: { content: 'Why?' },
      },
    })
  })

  it.each([
    ['has some fields of an envelope', { id: '42', type: 'ticket', status: 'open' }],
    ['is an event of another source', { ...busEventOf({ bucket: 'b' }), source: 'aws.s3' }],
    ['is a text', '"Why?"'],
    ['is a list', [1, 2]],
    ['is null', 'null'],
  ])('takes what %s', (_what, body) => {
    const expected = typeof body === 'string' ? JSON.parse(body) : body

    expect(decode(body, { topic: 'questions' }).envelope).toMatchObject({ id: 'sqs-message-1', data: expected })
  })

  it('keeps its first id when it comes back from the dead letters', () => {
    expect(decode({ content: 'Why?' }, { topic: 'questions', messageId: 'first' }).envelope.id).toBe('first')
  })

  it('refuses it without a topic', () => {
    expect(() => decode({ content: 'Why?' })).toThrow(refusal('message attribute "topic"'))
  })
})

describe('decodeIngressRecord, whatever comes', () => {
  it('refuses what is too large, and no byte less', () => {
    const overhead = Buffer.byteLength(JSON.stringify(envelopeOf({ data: '' })))
    const fits = 'x'.repeat(MAX_MESSAGE_BYTES - overhead)

    expect(decode(envelopeOf({ data: fits })).envelope.data).toBe(fits)
    expect(() => decode(envelopeOf({ data: `${fits}x` }))).toThrow(refusal('larger than'))
  })

  it('refuses what is no JSON and what is nested without end', () => {
    expect(() => decode('Why?', { topic: 'questions' })).toThrow(refusal('not JSON'))
    expect(() => decode('['.repeat(90_000) + ']'.repeat(90_000), { topic: 'questions' })).toThrow(refusal('nested'))
  })

  it.each<[string, (data: unknown) => unknown]>([
    ['an event of the bus', (data) => busEventOf({ tenant: 'acme', envelope: { ...envelopeOf(), data } })],
    ['an envelope', (data) => ({ ...envelopeOf(), data })],
    ['other JSON', (data) => data],
  ])('takes data as deep as other doors do, in %s', (_what, bodyOf) => {
    const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels))

    expect(decode(bodyOf(nested(MAX_DATA_DEPTH)), { topic: 'questions' }).envelope.data).toEqual(nested(MAX_DATA_DEPTH))
    expect(() => decode(bodyOf(nested(MAX_DATA_DEPTH + 1)), { topic: 'questions' })).toThrow(refusal('nested'))
  })

  it('lets no key change a prototype', () => {
    const hostile = '{"content":"Why?","__proto__":{"admin":true}}'

    expect(() => decode(hostile, { topic: 'questions' })).toThrow(refusal('__proto__'))
    expect(Reflect.get({}, 'admin')).toBeUndefined()
  })

  it('gives a message or a refusal, nothing else', () => {
    const bodies = fc.oneof(
      fc.string(),
      json.map((value) => JSON.stringify(value)),
      fc.record({ specversion: json, id: json, type: json, topic: json, data: json }).map((value) => JSON.stringify(value)),
      json.map((detail) => JSON.stringify(busEventOf(detail))),
    )
    fc.assert(
      fc.property(bodies, fc.dictionary(fc.constantFrom('topic', 'tenant'), fc.string()), (body, attributes) => {
        try {
          expect(decode(body, attributes).envelope.id).toBeTypeOf('string')
        } catch (error) {
          if (!(error instanceof SluiceError)) throw error
          expect(error.code).toBe('validation_error')
        }
      }),
    )
  })
})
