import {
  CreateSecretCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
  type SecretsManagerClientConfig,
} from '@aws-sdk/client-secrets-manager'
import { readProviderSecret } from '#shared/llm/provider-secret.ts'
import { secretsManagerPlatformSecrets } from '#shared/llm/secrets-manager-platform-secrets.ts'
import { platformName, serviceSecretName } from '#shared/platform/names.ts'
import type { CliEnvironment } from '../environment.ts'
import { CliError } from '../errors.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { findEmulator } from '../local-token.ts'
import type { KeyVault, ListedKeys } from './key-vault.ts'

const IN_USE = new Set(['AWSCURRENT', 'AWSPREVIOUS'])

/**
 * Secrets Manager: of the running local cloud for the stage `local`, and of the account of the caller's own credentials for all others.
 *
 * @throws CliError when no local cloud runs
 */
export async function secretsManagerKeyVault(stage: string, environment: CliEnvironment, signal: AbortSignal): Promise<KeyVault> {
  const client = new SecretsManagerClient({
    ...(stage === 'local' ? await localConfig(environment) : { region: environment.region }),
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 3_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
  })
  const platform = platformName(stage)
  const loader = secretsManagerPlatformSecrets(client)
  const nameOf = (service: string): string => serviceSecretName(platform, service)

  async function* described(): AsyncGenerator<Omit<ListedKeys, 'keys'>> {
    const [prefix = '', suffix = ''] = nameOf('\n').split('\n')
    for (let NextToken: string | undefined, first = true; first || NextToken !== undefined; first = false) {
      const command = new ListSecretsCommand({ Filters: [{ Key: 'name', Values: [prefix] }], NextToken })
      const { SecretList = [], ...page } = await client.send(command, { abortSignal: signal })
      NextToken = page.NextToken
      for (const { Name: name = '', LastChangedDate, SecretVersionsToStages = {} } of SecretList) {
        if (!name.startsWith(prefix) || !name.endsWith(suffix)) continue
        const versions = Object.values(SecretVersionsToStages).filter((stages) => stages.some((label) => IN_USE.has(label)))
        const service = name.slice(prefix.length, -suffix.length)
        yield { service, name, versions: versions.length, lastChanged: LastChangedDate?.toISOString() }
      }
    }
  }

  return {
    platform,
    read: (service) => guarded(async () => (await loader.loadSecret(platform, service))?.reveal()),
    write: (service, SecretString) =>
      guarded(async () => {
        try {
          await client.send(new PutSecretValueCommand({ SecretId: nameOf(service), SecretString }), { abortSignal: signal })
        } catch (error) {
          if (!(error instanceof ResourceNotFoundException)) throw error
          await client.send(new CreateSecretCommand({ Name: nameOf(service), SecretString }), { abortSignal: signal })
        }
      }),
    list: () =>
      guarded(async () => {
        const values = await loader.loadPlatformSecrets(platform)
        const secrets = await Array.fromAsync(described())
        return secrets
          .map((secret) => ({ ...secret, keys: countKeys(secret.name, values.get(secret.service)?.reveal()) }))
          .toSorted((one, other) => (one.service < other.service ? -1 : 1))
      }),
    close: () => client.destroy(),
  }
}

async function localConfig(environment: CliEnvironment): Promise<SecretsManagerClientConfig> {
  const { endpoint, region } = await findEmulator(environment)
  return { endpoint, region, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }
}

function countKeys(name: string, value: string | undefined): number | undefined {
  try {
    return value === undefined ? 0 : readProviderSecret(name, value).keys.length
  } catch {
    return undefined
  }
}

/** The SDK's errors may quote a request, and the request has the key: their name is all that is told. */
async function guarded<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call()
  } catch (error) {
    const name = error instanceof Error ? error.name : 'Error'
    throw new CliError(
      'secrets_manager',
      `Secrets Manager did not do it (${name})`,
      'look at your AWS credentials and the region',
      {
        exitCode: EXIT_CODE.unreachable,
      },
    )
  }
}
