import {
  DeleteSecretCommand,
  DescribeSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager'
import { mockClient } from 'aws-sdk-client-mock'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { readEnvironment } from '../../../../cli/environment.ts'
import { secretsManagerKeyVault } from '../../../../cli/provider-keys/secrets-manager-key-vault.ts'

const PLANTED = 'sk-planted-7c0ffee-DO-NOT-SHOW'
const SecretId = 'sluice-dev-openai-secret'

describe('secretsManagerKeyVault', () => {
  const service = mockClient(SecretsManagerClient)
  afterEach(() => service.reset())
  afterAll(() => service.restore())

  const openVault = () => secretsManagerKeyVault('dev', readEnvironment({}), new AbortController().signal)

  it('takes the version before out of use when a key is retracted', async () => {
    service.on(PutSecretValueCommand).resolves({})
    service.on(DescribeSecretCommand).resolves({ VersionIdsToStages: { new: ['AWSCURRENT'], old: ['AWSPREVIOUS'], older: [] } })
    service.on(UpdateSecretVersionStageCommand).resolves({})

    await (await openVault()).retract('openai', 'rest')

    expect(service.commandCalls(PutSecretValueCommand)[0]?.args[0].input).toEqual({ SecretId, SecretString: 'rest' })
    expect(service.commandCalls(UpdateSecretVersionStageCommand).map(({ args }) => args[0].input)).toEqual([
      { SecretId, VersionStage: 'AWSPREVIOUS', RemoveFromVersionId: 'old' },
    ])
  })

  it('says that the version before is still in use when it could not be taken out', async () => {
    service.on(PutSecretValueCommand).resolves({})
    service.on(DescribeSecretCommand).rejects(Object.assign(new Error(PLANTED), { name: 'AccessDeniedException' }))

    const failure = (await openVault()).retract('openai', PLANTED)

    await expect(failure).rejects.toMatchObject({ code: 'secrets_manager', exitCode: 3 })
    await expect(failure).rejects.toThrow(/^the new version of .+ the one before still in use \(AccessDeniedException\)$/)
  })

  it('removes a secret with all its versions', async () => {
    service.on(DeleteSecretCommand).resolves({})

    await (await openVault()).remove('openai')

    expect(service.commandCalls(DeleteSecretCommand)[0]?.args[0].input).toEqual({ SecretId, ForceDeleteWithoutRecovery: true })
  })

  it('quotes nothing of a refused removal', async () => {
    service.on(DeleteSecretCommand).rejects(Object.assign(new Error(PLANTED), { name: 'AccessDeniedException' }))

    await expect((await openVault()).remove('openai')).rejects.toThrow('Secrets Manager did not do it (AccessDeniedException)')
  })
})
