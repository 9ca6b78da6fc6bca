import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceExistsException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { LocalCloudError } from './local-cloud-error.ts'

/** Creates the secret, or gives it a new value. */
export async function putSecret(client: SecretsManagerClient, name: string, value: string): Promise<void> {
  try {
    await client.send(new CreateSecretCommand({ Name: name, SecretString: value }))
  } catch (error) {
    if (!(error instanceof ResourceExistsException)) throw error
    await client.send(new PutSecretValueCommand({ SecretId: name, SecretString: value }))
  }
}

/** @throws LocalCloudError when the secret is empty */
export async function readSecret(client: SecretsManagerClient, name: string): Promise<string> {
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: name }))
  if (!SecretString) throw new LocalCloudError(`the secret "${name}" is empty`, 'begin anew: npm start -- --reset')
  return SecretString
}
