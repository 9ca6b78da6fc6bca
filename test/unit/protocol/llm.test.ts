import { describe, expect, it } from 'vitest'
import { readProviderSecret } from '#shared/llm/provider-secret.ts'
import { headersSchema, llmOverridesSchema, llmSettingsSchema } from '#shared/protocol/llm.ts'

const takes = (headers: unknown): boolean => headersSchema.safeParse(headers).success

describe('headers of a definition', () => {
  it.each([{ 'x-team': 'blue' }, { Authorization: { secret: 'shop', prefix: 'Bearer ' } }, { 'anthropic-beta': 'a=b; c="d"' }])(
    'may be %j',
    (headers) => {
      expect(takes(headers)).toBe(true)
    },
  )

  it.each([
    'host',
    'Host',
    'HOST',
    'connection',
    'transfer-encoding',
    'Content-Length',
    'proxy-authorization',
    'x-forwarded-host',
  ])('do not lead a secret to another site, as "%s" would', (name) => {
    expect(takes({ [name]: 'evil.example' })).toBe(false)
    expect(takes({ [name]: { secret: 'shop' } })).toBe(false)
  })

  it.each(['a\r\nhost: evil.example', 'a\nb', 'a\u0000', 'caf\u00e9', '\u2028'])('have no values that break out: %j', (text) => {
    expect(takes({ 'x-team': text })).toBe(false)
    expect(takes({ 'x-team': { secret: 'shop', prefix: text } })).toBe(false)
  })

  it.each(['x team', 'x:team', 'x\r\nhost', ''])('have no names that break out: %j', (name) => {
    expect(takes({ [name]: 'blue' })).toBe(false)
  })
})

describe('base URLs', () => {
  it.each([
    'https://ada:secret@models.example.com/v1',
    'https://sk-key@models.example.com',
    'ftp://models.example.com',
    'models',
  ])('are not %s', (baseUrl) => {
    const settings = { provider: 'custom', model: 'm', baseUrl }
    expect(llmSettingsSchema.safeParse(settings).success).toBe(false)
    expect(() => readProviderSecret('sluice-custom-secret', JSON.stringify({ apiKey: 'k', baseUrl }))).toThrow(
      /sluice-custom-secret/,
    )
  })
})

describe('parameters', () => {
  const RANGES = [
    ['temperature', 0, 2, 0.01],
    ['maxTokens', 1, 1_000_000, 1],
    ['topP', 0, 1, 0.01],
    ['frequencyPenalty', -2, 2, 0.01],
    ['presencePenalty', -2, 2, 0.01],
  ] as const

  const asks = (parameter: Record<string, unknown>): boolean[] => [
    llmOverridesSchema.safeParse(parameter).success,
    llmSettingsSchema.safeParse({ provider: 'scripted', model: 'm', ...parameter }).success,
    llmSettingsSchema.safeParse({
      provider: 'scripted',
      model: 'm',
      fallbacks: [{ provider: 'scripted', model: 'n', ...parameter }],
    }).success,
  ]

  it.each(RANGES)('%s reaches from %d to %d, wherever it is said', (name, lowest, highest, step) => {
    for (const value of [lowest, highest, lowest + step, highest - step])
      expect(asks({ [name]: value })).toEqual([true, true, true])
    for (const value of [lowest - step, highest + step, Number.NaN, Number.POSITIVE_INFINITY, String(lowest)])
      expect(asks({ [name]: value })).toEqual([false, false, false])
  })

  it('counts tokens whole', () => {
    expect(asks({ maxTokens: 1.5 })).toEqual([false, false, false])
  })

  it.each([
    [['x'], true],
    [Array.from({ length: 16 }, () => 'x'.repeat(256)), true],
    [[], false],
    [Array.from({ length: 17 }, () => 'x'), false],
    [[''], false],
    [['x'.repeat(257)], false],
  ])('stopSequences %#', (stopSequences, isTaken) => {
    expect(asks({ stopSequences })).toEqual([isTaken, isTaken, isTaken])
  })

  it.each([
    ['high', true],
    ['none', false],
  ])('reasoningEffort "%s"', (reasoningEffort, isTaken) => {
    expect(asks({ reasoningEffort })).toEqual([isTaken, isTaken, isTaken])
  })
})

describe('limits of time', () => {
  it.each([
    ['connectSeconds', 10],
    ['firstTokenSeconds', 600],
    ['idleSeconds', 600],
    ['totalSeconds', 840],
  ])('%s reaches up to %d', (name, most) => {
    const takes = (seconds: number) =>
      llmSettingsSchema.safeParse({ provider: 'scripted', model: 'm', timeouts: { [name]: seconds } }).success

    expect([0, 0.1, most, most + 0.1].map(takes)).toEqual([false, true, true, false])
  })
})

describe('overrides of a request', () => {
  it.each([
    { service: 'payroll' },
    { baseUrl: 'https://evil.example' },
    { headers: { 'x-a': 'b' } },
    { fallbacks: [] },
    { guardrail: { id: 'g', version: '1' } },
    { timeouts: { totalSeconds: 840 } },
    { cache: { ttlSeconds: 1 } },
  ])('reach no %j', (override) => {
    expect(llmOverridesSchema.safeParse({ temperature: 0, ...override }).success).toBe(false)
  })
})
