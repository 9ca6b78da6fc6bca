import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { redact } from '#shared/tools/redact.ts'

const KEY = 'sk-Not+a/Real"Key-0123456789abcdef'

const base64 = (text: string): string => Buffer.from(text).toString('base64')

describe('redact', () => {
  it.each([
    ['as it is', KEY],
    ['in capitals', KEY.toUpperCase()],
    ['in small letters', KEY.toLowerCase()],
    ['in an address', encodeURIComponent(KEY)],
    ['in JSON', JSON.stringify({ KEY })],
    ['in hexadecimal digits', Buffer.from(KEY).toString('hex')],
    ['in Base64', base64(KEY)],
    ['in Base64 behind a user', base64(`ada:${KEY}`)],
    ['in Base64 behind a scheme', base64(`Bearer ${KEY}, and more`)],
    ['in Base64 for addresses', Buffer.from(`x${KEY}`).toString('base64url')],
    ['without its beginning', KEY.slice(5)],
    ['without its end', KEY.slice(0, -6)],
    ['in two halves', `${KEY.slice(0, 17)} ${KEY.slice(17)}`],
    ['behind letters that grow in small', `${'İ'.repeat(40)}${KEY}`],
  ])('shows no secret %s', (_, text) => {
    const shown = redact(`before ${text} after`, ['another', KEY])

    expect(shown).toContain('[redacted]')
    expect(shown).toMatch(/^before .* after$/s)
    for (const form of [KEY, encodeURIComponent(KEY), Buffer.from(KEY).toString('hex')])
      for (let start = 0; start + 16 <= form.length; start++)
        expect(shown.toLowerCase()).not.toContain(form.slice(start, start + 16).toLowerCase())
  })

  it('says it once for each place', () => {
    expect(redact(`{"a":"Bearer ${KEY}","b":"${KEY}${KEY}"}`, [KEY])).toBe('{"a":"Bearer [redacted]","b":"[redacted]"}')
    expect(redact(`${KEY} `, [KEY])).toBe('[redacted] ')
    expect(redact('sk-short is not it', ['sk-short'])).toBe('[redacted] is not it')
  })

  it('leaves everything else as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        expect(redact(text, [KEY])).toBe(text)
        expect(redact(text, [])).toBe(text)
      }),
    )
  })

  it('costs little for the longest answer', () => {
    const began = performance.now()
    redact('sk-Not+a/Real"'.repeat(75_000), [KEY, `${KEY}-2`])
    expect(performance.now() - began).toBeLessThan(10_000)
  })
})
