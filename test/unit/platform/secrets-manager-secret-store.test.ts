import { GetSecretValueCommand, ResourceNotFoundException, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { mockClient } from 'aws-sdk-client-mock'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { secretsManagerSecretStore } from '#shared/platform/secrets-manager-secret-store.ts'

describe('secretsManagerSecretStore', () => {
  const service = mockClient(SecretsManagerClient)
  afterEach(() => service.reset())
  afterAll(() => service.restore())

  it('reads a secret once, and keeps it for a while', async () => {
    service.on(GetSecretValueCommand, { SecretId: 'key' }).resolves({ SecretString: 's3cret' })

    const store = secretsManagerSecretStore()

    await expect(store.read('key')).resolves.toBe('s3cret')
    await expect(store.read('key')).resolves.toBe('s3cret')
    expect(service.commandCalls(GetSecretValueCommand)).toHaveLength(1)
  })

  it('names a secret that does not exist', async () => {
    service.on(GetSecretValueCommand).rejects(new ResourceNotFoundException({ message: 'gone', $metadata: {} }))

    await expect(secretsManagerSecretStore().read('absent')).rejects.toMatchObject({
      name: 'SecretNotFoundError',
      retryable: false,
    })
  })

  it.each([{ SecretString: '' }, { SecretBinary: new Uint8Array([1]) }, {}])(
    'refuses a secret without a text: %j',
    async (answer) => {
      service.on(GetSecretValueCommand).resolves(answer)

      await expect(secretsManagerSecretStore().read('odd')).rejects.toMatchObject({ name: 'SecretNotFoundError' })
    },
  )

  it('says "later" to everything else, without what the service said', async () => {
    service.on(GetSecretValueCommand).rejects(Object.assign(new Error('arn:aws:… is throttled'), { name: 'ThrottlingException' }))

    const error = await secretsManagerSecretStore()
      .read('key')
      .catch((reason: unknown) => reason)

    expect(error).toMatchObject({ code: 'unavailable', retryable: true })
    expect(String(error)).not.toContain('arn:aws')
  })
})
