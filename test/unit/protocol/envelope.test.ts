import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { envelopeSchema, publishMessageSchema } from '#shared/protocol/envelope.ts'

const envelope = (more: Record<string, unknown> = {}) => ({
  id: 'm-1',
  type: 'question',
  source: '/tests',
  time: '2026-11-21T09:30:00.000Z',
  topic: 'questions',
  data: { content: 'Hello?' },
  ...more,
})

describe('envelopeSchema', () => {
  it('fills in the version of CloudEvents', () => {
    expect(envelopeSchema.parse(envelope())).toEqual({ specversion: '1.0', ...envelope() })
  })

  it('carries any JSON as data, unchanged but for names that change prototypes', () => {
    const json = fc.jsonValue({ noUnicodeString: false }).filter((value) => !JSON.stringify(value).includes('__proto__'))
    fc.assert(
      fc.property(json, (data) => {
        const sent = JSON.parse(JSON.stringify(envelope({ data })))
        expect(envelopeSchema.parse(sent).data).toEqual(sent.data)
      }),
    )
  })

  it('ignores extension attributes that it does not know', () => {
    expect(envelopeSchema.parse(envelope({ comexampleextension: 'x' }))).not.toHaveProperty('comexampleextension')
  })

  it.each([
    ['another version', { specversion: '0.3' }],
    ['no id', { id: undefined }],
    ['an empty type', { type: '' }],
    ['a time that is none', { time: 'now' }],
    ['a topic with a slash', { topic: 'a/b' }],
    ['no data', { data: undefined }],
    ['a priority above 10', { priority: 11 }],
    ['a time to live of nothing', { ttlSeconds: 0 }],
  ])('refuses %s', (_what, more) => {
    expect(envelopeSchema.safeParse(envelope(more)).success).toBe(false)
  })
})

describe('publishMessageSchema', () => {
  it('asks for nothing but data', () => {
    expect(publishMessageSchema.parse({ data: 'hello' })).toEqual({ data: 'hello' })
  })

  it.each([
    ['topic', 'other'],
    ['to', 'support'],
    ['tenant', 'acme'],
    ['unknown', 1],
  ])('refuses "%s": it is not the body that says so', (field, value) => {
    expect(publishMessageSchema.safeParse({ data: 1, [field]: value }).success).toBe(false)
  })
})
