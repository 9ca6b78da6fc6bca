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
