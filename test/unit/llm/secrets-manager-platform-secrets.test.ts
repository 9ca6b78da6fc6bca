import {
  BatchGetSecretValueCommand,
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { mockClient } from 'aws-sdk-client-mock'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { secretsManagerPlatformSecrets } from '#shared/llm/secrets-manager-platform-secrets.ts'

const service = mockClient(SecretsManagerClient)
afterEach(() => service.reset())
afterAll(() => service.restore())

const loader = () => secretsManagerPlatformSecrets(new SecretsManagerClient({ region: 'eu-central-1' }))

const named = (Name: string, SecretString = `value of ${Name}`) => ({ Name, SecretString })

describe('loadPlatformSecrets', () => {
  it('reads every page', async () => {
    service
      .on(BatchGetSecretValueCommand, { NextToken: undefined })
      .resolves({ SecretValues: [named('ours-openai-secret')], NextToken: 'two' })
      .on(BatchGetSecretValueCommand, { NextToken: 'two' })
      .resolves({ NextToken: 'three' })
      .on(BatchGetSecretValueCommand, { NextToken: 'three' })
      .resolves({ SecretValues: [named('ours-team-a-secret')] })

    const secrets = await loader().loadPlatformSecrets('ours')

    expect([...secrets].map(([name, value]) => [name, value.reveal()])).toEqual([
      ['openai', 'value of ours-openai-secret'],
      ['team-a', 'value of ours-team-a-secret'],
    ])
    expect(service.commandCalls(BatchGetSecretValueCommand).map(({ args }) => args[0].input.Filters)).toEqual(
      Array.from({ length: 3 }, () => [{ Key: 'name', Values: ['ours-'] }]),
    )
  })

  it('leaves out what is no secret of a service, and what is empty', async () => {
    const foreign = [
      named('ours-token-key'),
      named('oursother-openai-secret'),
      named('ours-openai-secrets'),
      named('ours-empty-secret', ''),
      { Name: 'ours-binary-secret', SecretBinary: new Uint8Array([1]) },
    ]
    service.on(BatchGetSecretValueCommand).resolves({ SecretValues: [...foreign, named('ours-google-secret')] })

    expect([...(await loader().loadPlatformSecrets('ours')).keys()]).toEqual(['google'])
  })

  it('shows no value by mistake', async () => {
    service.on(BatchGetSecretValueCommand).resolves({ SecretValues: [named('ours-openai-secret', 's3cret')] })

    expect(JSON.stringify([...(await loader().loadPlatformSecrets('ours'))])).not.toContain('s3cret')
  })
})

describe('loadSecret', () => {
  it('reads one', async () => {
    service.on(GetSecretValueCommand, { SecretId: 'ours-openai-secret' }).resolves({ SecretString: 's3cret' })

    expect((await loader().loadSecret('ours', 'openai'))?.reveal()).toBe('s3cret')
  })

  it.each([
    [
      'missing',
      () => service.on(GetSecretValueCommand).rejects(new ResourceNotFoundException({ message: 'gone', $metadata: {} })),
    ],
    ['empty', () => service.on(GetSecretValueCommand).resolves({ SecretString: '' })],
  ])('finds none where it is %s', async (_, answer) => {
    answer()

    expect(await loader().loadSecret('ours', 'openai')).toBeUndefined()
  })

  it('does not take one that cannot be read for one that is missing', async () => {
    service.on(GetSecretValueCommand).rejects(Object.assign(new Error('no'), { name: 'AccessDeniedException' }))

    await expect(loader().loadSecret('ours', 'openai')).rejects.toThrow('no')
  })
})
