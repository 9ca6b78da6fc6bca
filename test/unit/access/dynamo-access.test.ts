import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { describe, expect, it } from 'vitest'
import { authenticate } from '#shared/access/authenticate.ts'
import { type AccessConfig, dynamoAccess } from '#shared/access/dynamo-access.ts'
import { memorySecretStore } from '#shared/platform/memory-secret-store.ts'

const CONFIG: AccessConfig = {
  SLUICE_STAGE: 'local',
  SLUICE_DEFAULT_TENANT: 'default',
  REGISTRY_TABLE: 'registry',
  STREAMS_TABLE: 'streams',
  TOKEN_SECRET_NAME: 'token-key',
  AUTHENTICATION: 'on',
  FAILED_ATTEMPTS_PER_MINUTE: 20,
}

const access = (config: Partial<AccessConfig>) =>
  dynamoAccess({
    config: { ...CONFIG, ...config },
    client: DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-east-1' })),
    secrets: memorySecretStore({}),
    clock: { now: () => 0 },
  })

describe('dynamoAccess', () => {
  it.each(['dev', 'staging', 'prod', 'LOCAL', ''])('does not start with authentication off on the stage "%s"', (stage) => {
    expect(() => access({ SLUICE_STAGE: stage, AUTHENTICATION: 'off' })).toThrow(expect.objectContaining({ name: 'ConfigError' }))
  })

  it('lets nobody in without credentials where it is on', async () => {
    await expect(authenticate({}, access({}))).rejects.toMatchObject({ code: 'unauthorized' })
  })

  it('lets anybody in on the stage local where it is off', async () => {
    expect(await authenticate({}, access({ AUTHENTICATION: 'off' }))).toMatchObject({
      subject: 'anonymous',
      tenant: 'default',
      roles: ['admin'],
      credential: { kind: 'none' },
    })
  })

  it('asks the provider alone about tokens that name it', async () => {
    const provider = { issuer: 'https://127.0.0.1:1', audience: 'api', tenantClaim: 'tenant' }
    const token = `${part({ alg: 'RS256' })}.${part({ iss: provider.issuer })}.x`

    // Nobody is there, and our own secret, which there is not, was not asked for.
    await expect(
      authenticate({ authorization: `Bearer ${token}` }, access({ SLUICE_STAGE: 'prod', OIDC_PROVIDER: provider })),
    ).rejects.toMatchObject({ code: 'unavailable' })
  })
})

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
