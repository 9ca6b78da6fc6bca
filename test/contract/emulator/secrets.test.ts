import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { expect, inject, it } from 'vitest'
import { newId } from '#shared/platform/ids.ts'
import { deployStack, emulatorClientOptions } from '../../helpers/emulator-stack.ts'

it('the emulator generates the value of a secret that a stack names', async () => {
  const endpoint = inject('emulatorUrl')
  const Name = `contract-${newId()}-token-key`
  const secret = {
    Type: 'AWS::SecretsManager::Secret',
    Properties: { Name, GenerateSecretString: { PasswordLength: 64, ExcludePunctuation: true } },
  }
  await deployStack(endpoint, { Secret: secret }, {})

  const client = new SecretsManagerClient(emulatorClientOptions(endpoint))
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: Name }))

  // It has punctuation although that is excluded: whoever reads a secret must not rely on its alphabet.
  expect(SecretString).toHaveLength(64)
})
