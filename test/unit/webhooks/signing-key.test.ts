import { describe, expect, it } from 'vitest'
import { ConfigError, SluiceError } from '#shared/platform/errors.ts'
import { memorySecretStore } from '#shared/platform/memory-secret-store.ts'
import { signingKeyOf } from '#shared/webhooks/signature.ts'
import { readSigningKey } from '#shared/webhooks/signing-key.ts'

const SECRET = 'a-secret-of-at-least-thirty-two-characters'
const reader = (secrets: Record<string, string>) => ({ secrets: memorySecretStore(secrets), webhookSecretName: 'webhook-key' })

describe('readSigningKey', () => {
  it('gives the key of the tenant', async () => {
    expect(await readSigningKey(reader({ 'webhook-key': SECRET }), 'acme')).toBe(signingKeyOf(SECRET, 'acme'))
  })

  it.each([
    ['is missing', {}],
    ['could be guessed', { 'webhook-key': 'short' }],
  ])('fails, and does not say why to the caller, when the secret %s', async (_what, secrets) => {
    const error = await readSigningKey(reader(secrets), 'acme').catch((thrown: unknown) => thrown)

    expect(error).toBeInstanceOf(ConfigError)
    expect(error).toMatchObject({ code: 'internal', expose: false })
  })

  it('may work later when the secret cannot be read now', async () => {
    const unavailable = new SluiceError('unavailable', 'the secret cannot be read now')
    const outage = () => Promise.reject(unavailable)
    const secrets = { read: outage, readVersions: outage }

    await expect(readSigningKey({ secrets, webhookSecretName: 'webhook-key' }, 'acme')).rejects.toBe(unavailable)
  })
})
