import { describe, expect, it } from 'vitest'
import { parseProviderKeys } from '#shared/llm/provider-secret.ts'
import { secretFor } from '#shared/llm/secret-for.ts'
import { vendorEndpoint } from '#shared/llm/vendor-endpoint.ts'
import { memorySecretStore } from '#shared/platform/memory-secret-store.ts'
import type { LlmSettings } from '#shared/protocol/llm.ts'

const OURS = 'https://llm.example.com/v1'

function endpoint(settings: Partial<LlmSettings>, secret?: string, service = settings.service ?? settings.provider ?? 'openai') {
  const [key] = secret === undefined ? [] : parseProviderKeys('the-secret', service, secret)
  const context = { key, service, secretName: 'the-secret', modelHosts: ['127.0.0.1', 'models.internal:8443'] }
  return vendorEndpoint({ provider: 'openai', model: 'm', ...settings }, context)
}

const withAddress = (baseUrl: string) => JSON.stringify({ apiKey: 'key', baseUrl })

describe('where a model is called', () => {
  it.each([
    ['the vendor', { provider: 'openai' }, 'key', 'https://api.openai.com/v1'],
    [
      'the vendor, by another name of the service',
      { provider: 'anthropic', service: 'team-a' },
      'key',
      'https://api.anthropic.com',
    ],
    ['the address of the secret', { provider: 'google' }, withAddress(OURS), OURS],
    ['the address of the secret, for a custom server', { provider: 'custom' }, withAddress(OURS), OURS],
    [
      'another path of the same origin',
      { provider: 'custom', service: 's', baseUrl: 'https://llm.example.com/v2' },
      withAddress(OURS),
      'https://llm.example.com/v2',
    ],
    ['a host of the list', { provider: 'custom', baseUrl: 'http://127.0.0.1:8000/v1' }, undefined, 'http://127.0.0.1:8000/v1'],
    [
      'a host and port of the list',
      { provider: 'ollama', baseUrl: 'https://models.internal:8443' },
      undefined,
      'https://models.internal:8443',
    ],
    ['Ollama on this machine', { provider: 'ollama' }, undefined, 'http://127.0.0.1:11434'],
  ] as const)('is %s', (_, settings, secret, url) => {
    expect(endpoint(settings, secret)).toBe(url)
  })

  it.each([
    ['another host', 'https://evil.example/v1'],
    ['another scheme', 'http://llm.example.com/v1'],
    ['another port', 'https://llm.example.com:8443/v1'],
    ['a host that begins the same', 'https://llm.example.com.evil.example/v1'],
    ['a user name that looks like the host', 'https://llm.example.com@evil.example/v1'],
    ['a host of the list', 'http://127.0.0.1:8000/v1'],
    ['a backslash', 'https://evil.example\\@llm.example.com/v1'],
  ])('is never %s with a key of ours', (_, baseUrl) => {
    for (const provider of ['custom', 'ollama'] as const)
      expect(() => endpoint({ provider, service: 's', baseUrl }, withAddress(OURS))).toThrow(
        expect.objectContaining({ name: 'SecretOriginError', retryable: false }),
      )
  })

  it.each([
    ['a bare key to a custom server', { provider: 'custom', service: 'openai', baseUrl: 'http://127.0.0.1:8000' }, 'key'],
    ['the key of one vendor to another', { provider: 'anthropic', service: 'openai' }, 'key'],
    ['a key of Anthropic to OpenAI', { provider: 'openai', service: 'team-a' }, 'sk-ant-api03-0123456789'],
    ['a key of OpenAI to Google', { provider: 'google', service: 'team-a' }, 'sk-proj-0123456789'],
    ['a key of Google to Anthropic', { provider: 'anthropic', service: 'team-a' }, `${'AI'}zaSy0123456789`],
  ] as const)('does not send %s', (_, settings, secret) => {
    expect(() => endpoint(settings, secret)).toThrow(expect.objectContaining({ name: 'SecretOriginError' }))
  })

  it.each([
    ['a host that is not on the list', { provider: 'custom', baseUrl: 'http://169.254.169.254/latest' }, undefined],
    ['another port than the list says', { provider: 'custom', baseUrl: 'https://models.internal/v1' }, undefined],
    ['an address in the definition of a vendor', { provider: 'openai', baseUrl: 'https://evil.example/v1' }, 'key'],
    ['Azure without an address', { provider: 'azure' }, 'key'],
    ['a custom server without one', { provider: 'custom' }, undefined],
  ] as const)('refuses %s', (_, settings, secret) => {
    expect(() => endpoint(settings, secret)).toThrow(expect.objectContaining({ code: 'validation_error', retryable: false }))
  })
})

describe('secretFor', () => {
  const secretValue = secretFor({
    platform: 'p',
    secrets: memorySecretStore({
      'p-weather-secret': withAddress('https://api.weather.example/v3'),
      'p-bare-secret': 'key',
      'p-openai-secret': 'key',
    }),
  })

  it.each([
    ['weather', 'https://api.weather.example/anything?q=1'],
    ['openai', 'https://api.openai.com/v1/files'],
  ])('gives the secret of %s to its own origin', async (service, url) => {
    expect(await secretValue(service, url)).toBe('key')
  })

  it.each([
    ['weather', 'https://evil.example/v3'],
    ['weather', 'http://api.weather.example/v3'],
    ['weather', 'https://api.weather.example@evil.example/'],
    ['bare', 'https://api.openai.com/v1'],
    ['openai', 'https://api.anthropic.com'],
  ])('does not give that of %s to %s', async (service, url) => {
    await expect(secretValue(service, url)).rejects.toMatchObject({ name: 'SecretOriginError', code: 'authentication_error' })
  })
})
