import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { secretLlmProviders } from '#shared/llm/secret-llm-providers.ts'
import { memorySecretStore } from '#shared/platform/memory-secret-store.ts'
import type { LlmSettings } from '#shared/protocol/llm.ts'

const KEY = 'sk-planted-51c0de'

const settings = (overrides: Partial<LlmSettings> = {}): LlmSettings => ({
  provider: 'openai',
  model: 'gpt-4.1-mini',
  ...overrides,
})

const providersWith = (secrets: Record<string, string>) =>
  secretLlmProviders({ secrets: memorySecretStore(secrets), platform: 'sluice-test' })

describe('secretLlmProviders', () => {
  it.each([
    ['a plain key', KEY],
    ['a key and an end of line', `${KEY}\n`],
    ['a key in JSON', JSON.stringify({ apiKey: KEY })],
    ['a key and its base URL', JSON.stringify({ apiKey: KEY, baseUrl: 'http://127.0.0.1:11434/v1' })],
  ])('opens a provider with %s', async (_, secret) => {
    const provider = await providersWith({ 'sluice-test-openai-secret': secret }).open(settings())

    expect(provider.stream).toBeTypeOf('function')
  })

  it('reads the secret of the service that the agent names', async () => {
    const providers = providersWith({ 'sluice-test-our-gateway-secret': KEY })

    await expect(providers.open(settings({ service: 'our-gateway' }))).resolves.toBeDefined()
    await expect(providers.open(settings())).rejects.toMatchObject({
      name: 'SecretNotFoundError',
      code: 'authentication_error',
      message: expect.stringContaining('sluice-test-openai-secret'),
    })
  })

  it.each([
    ['broken JSON', `{"apiKey":"${KEY}"`],
    ['no key', JSON.stringify({ key: KEY })],
    ['an empty key', JSON.stringify({ apiKey: '', note: KEY })],
    ['a base URL that is none', JSON.stringify({ apiKey: KEY, baseUrl: KEY })],
    ['a base URL of another protocol', JSON.stringify({ apiKey: KEY, baseUrl: 'file:///etc/passwd' })],
    ['a key in several words', `Bearer ${KEY}`],
  ])('refuses a secret with %s, and does not quote it', async (_, secret) => {
    const error = await providersWith({ 'sluice-test-openai-secret': secret })
      .open(settings())
      .catch((reason: unknown) => reason)

    expect(error).toMatchObject({ name: 'InvalidSecretError', code: 'authentication_error', retryable: false })
    expect(error).toHaveProperty('message', expect.stringContaining('sluice-test-openai-secret'))
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain(KEY)
  })

  it('keeps the client as long as the secret stays the same', async () => {
    const secrets = { 'sluice-test-openai-secret': KEY }
    const providers = providersWith(secrets)

    const first = await providers.open(settings())
    const again = await providers.open(settings({ model: 'gpt-4.1' }))
    secrets['sluice-test-openai-secret'] = 'sk-rotated'
    const rotated = await providers.open(settings())

    expect(again).toBe(first)
    expect(rotated).not.toBe(first)
  })

  it.each(['scripted', 'bedrock'] as const)('opens %s once, without a secret', async (provider) => {
    const providers = providersWith({})

    expect(await providers.open(settings({ provider }))).toBe(await providers.open(settings({ provider })))
  })
})
