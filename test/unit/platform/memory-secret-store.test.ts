import { describe, expect, it } from 'vitest'
import { memorySecretStore } from '#shared/platform/memory-secret-store.ts'

describe('memorySecretStore', () => {
  const store = memorySecretStore({ full: 's3cret', empty: '' })

  it('reads a secret', async () => {
    await expect(store.read('full')).resolves.toBe('s3cret')
  })

  it.each(['empty', 'absent'])('names the secret that is %s, and never tries again', async (name) => {
    const error = await store.read(name).catch((reason: unknown) => reason)

    expect(error).toMatchObject({ name: 'SecretNotFoundError', code: 'authentication_error', retryable: false })
    expect(String(error)).toContain(`"${name}"`)
  })
})
