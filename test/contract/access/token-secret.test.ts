import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { newId } from '#shared/platform/ids.ts'
import { emulatorClientOptions } from '../../helpers/emulator-stack.ts'

/** Rotation as the emulator does it, read by the adapter that the functions have. */
describe('the versions of a secret', () => {
  const client = new SecretsManagerClient(emulatorClientOptions(inject('emulatorUrl')))
  const name = `contract-${newId()}-token-key`
  beforeAll(() => {
    vi.stubEnv('AWS_ENDPOINT_URL', inject('emulatorUrl'))
    vi.stubEnv('AWS_REGION', 'us-east-1')
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
  })
  afterAll(() => vi.unstubAllEnvs())

  /** A function that has just started. */
  async function store() {
    const { secretsManagerSecretStore } = await import('#shared/platform/secrets-manager-secret-store.ts')
    return secretsManagerSecretStore()
  }
  const put = (SecretString: string) => client.send(new PutSecretValueCommand({ SecretId: name, SecretString }))

  it('are the current one and the one before, and no older', async () => {
    await client.send(new CreateSecretCommand({ Name: name, SecretString: 'one' }))
    const seen = [await (await store()).readVersions(name)]
    for (const next of ['two', 'three']) {
      await put(next)
      seen.push(await (await store()).readVersions(name))
    }

    expect(seen).toEqual([['one'], ['two', 'one'], ['three', 'two']])
  })

  it('are seen by a warm function once it is asked for fresh ones', async () => {
    const warm = await store()
    const before = await warm.readVersions(name)
    await put('four')

    expect(await warm.readVersions(name)).toEqual(before)
    expect(await warm.readVersions(name, { maxAgeSeconds: 0 })).toEqual(['four', before[0]])
  })

  it('are none without a secret', async () => {
    await expect((await store()).readVersions(newId())).rejects.toMatchObject({ name: 'SecretNotFoundError' })
  })
})
