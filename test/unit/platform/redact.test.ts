import { afterEach, describe, expect, it, vi } from 'vitest'
import { powertoolsLog } from '#shared/platform/powertools-log.ts'
import { redactor } from '#shared/platform/redact.ts'
import { redactPatternSchema } from '#shared/protocol/redact-pattern.ts'

const KEY = 'sk-proj-4f9aB2c3D4e5F6g7H8i9J0k1L2m3'

afterEach(() => {
  vi.restoreAllMocks()
})

describe('redactor', () => {
  it.each([
    ['a key', `used ${KEY}, then more`, 'used [redacted], then more'],
    ['a header', 'Authorization: Bearer abc123abc123abc123abc123', 'Authorization: [redacted]'],
    ['a private key', 'x -----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----', 'x [redacted]'],
    ['what a pattern fits', 'SSN 123-45-6789.', 'SSN [redacted].'],
    ['nothing else', 'agent support answered in 7 ms', 'agent support answered in 7 ms'],
  ])('takes out %s', (_, text, shown) => {
    expect(redactor(['\\b\\d{3}-\\d{2}-\\d{4}\\b'])(text)).toBe(shown)
  })

  it('costs little for a long text', () => {
    const began = performance.now()
    redactor(['[a-z]{1,64}@[a-z]{1,64}'])('a'.repeat(1_000_000))
    expect(performance.now() - began).toBeLessThan(10_000)
  })
})

describe('patterns', () => {
  it.each(['\\d{3}-\\d{4}', '[A-Z]{2}\\d{6,9}', 'internal-(?:alpha|beta)', '\\*secret\\*'])('take %s', (pattern) => {
    expect(redactPatternSchema.safeParse(pattern).success).toBe(true)
  })

  it.each([
    ['parts that may be missing', 'a?'.repeat(40) + 'a'.repeat(40)],
    ['lazy ones', 'a??'.repeat(25) + 'a'.repeat(25)],
    ['words that are the same', '(?:a|a)'.repeat(28)],
    ['counts side by side', '\\d{1,128}\\d{1,128}\\d{1,128}x'],
    ['counts of none', `${'[a-z]{0,99}'.repeat(9)}!`],
    ['characters that look like an escape', `\\\\${'a?'.repeat(40)}${'a'.repeat(40)}`],
  ])('refuse what takes a text too many ways: %s', (_, pattern) => {
    expect(redactPatternSchema.safeParse(pattern).success).toBe(false)
  })

  it.each([
    ['[a-z]{1,64}@[a-z]{1,64}', 'a'.repeat(100_000)],
    ['[a-z?|]{1,99}[a-z]{1,99}!', 'a'.repeat(100_000)],
    ['a?a?a?a?a?a?a?a?a?a?a?a?b', 'a'.repeat(100_000)],
  ])('that are taken end in time, whatever the text: %s', (pattern, text) => {
    const { success } = redactPatternSchema.safeParse(pattern)
    const began = performance.now()
    if (success) redactor([pattern])(text)
    expect(performance.now() - began).toBeLessThan(10_000)
  })

  it.each(['(a+)+$', '\\d+', 'ab*', 'a{2,}', '(abc){2,3}', '(?=abc)', '(a)\\1', 'a{1,500}', '[', 'x{0,3}'])(
    'refuse %s',
    (pattern) => {
      expect(redactPatternSchema.safeParse(pattern).success).toBe(false)
    },
  )
})

describe('powertoolsLog', () => {
  it('writes no key, wherever it stands', () => {
    const lines: string[] = []
    for (const level of ['info', 'warn', 'error'] as const)
      vi.spyOn(console, level).mockImplementation((line: unknown) => void lines.push(String(line)))
    const log = powertoolsLog('test', redactor(['internal-\\d{4}']))

    log.warn('request_failed', { list: [{ note: `it was ${KEY}` }], project: 'internal-1234' })
    log.error('request_failed', { error: new Error(`refused: ${KEY}`, { cause: new Error(KEY) }) })

    expect(lines.join('\n')).not.toMatch(/sk-proj|internal-1234/)
    expect(lines[0]).toContain('[redacted]')
  })
})
