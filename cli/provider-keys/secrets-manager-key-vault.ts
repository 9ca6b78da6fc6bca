import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
  type SecretsManagerClientConfig,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager'
import { isOAuthSecret } from '#shared/llm/oauth-client.ts'
import { keyFingerprint } from '#shared/llm/provider-key.ts'
import { secretsManagerPlatformSecrets } from '#shared/llm/secrets-manager-platform-secrets.ts'
import { platformName, serviceSecretName } from '#shared/platform/names.ts'
import type { CliEnvironment } from '../environment.ts'
import { CliError } from '../errors.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { findEmulator } from '../local-token.ts'
import type { KeyVault, ListedKeys } from './key-vault.ts'
import { readSecret } from './read-secret.ts'

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

  /** Calls go on with this version while a provider does not know the keys of the current one. */
  async function withdrawPrevious(SecretId: string): Promise<void> {
    const { VersionIdsToStages = {} } = await client.send(new DescribeSecretCommand({ SecretId }), { abortSignal: signal })
    for (const [RemoveFromVersionId, stages] of Object.entries(VersionIdsToStages)) {
      if (!stages.includes('AWSPREVIOUS')) continue
      const command = new UpdateSecretVersionStageCommand({ SecretId, VersionStage: 'AWSPREVIOUS', RemoveFromVersionId })
      await client.send(command, { abortSignal: signal })
    }
  }

  async function* described(): AsyncGenerator<Omit<ListedKeys, 'keys' | 'fingerprints'>> {
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
    async retract(service, SecretString) {
      const SecretId = nameOf(service)
      await guarded(() => client.send(new PutSecretValueCommand({ SecretId, SecretString }), { abortSignal: signal }))
      await guarded(() => withdrawPrevious(SecretId), `the new version of ${SecretId} is there, and the one before still in use`)
    },
    async remove(service) {
      const command = new DeleteSecretCommand({ SecretId: nameOf(service), ForceDeleteWithoutRecovery: true })
      await guarded(() => client.send(command, { abortSignal: signal }))
    },
    list: () =>
      guarded(async () => {
        const values = await loader.loadPlatformSecrets(platform)
        const secrets = await Array.fromAsync(described())
        return secrets
          .map((secret) => ({ ...secret, ...contentOf(secret.service, values.get(secret.service)?.reveal()) }))
          .toSorted((one, other) => (one.service < other.service ? -1 : 1))
      }),
    close: () => client.destroy(),
  }
}

async function localConfig(environment: CliEnvironment): Promise<SecretsManagerClientConfig> {
  const { endpoint, region } = await findEmulator(environment)
  return { endpoint, region, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }
}

/** All that is told of a secret's content. */
function contentOf(service: string, text: string | undefined): Pick<ListedKeys, 'keys' | 'fingerprints'> {
  // It has no fingerprint: it stands alone.
  if (text !== undefined && isOAuthSecret(text)) return { keys: 1, fingerprints: [] }
  const keys = text === undefined ? [] : readSecret(service, text)?.keys
  return { keys: keys?.length, fingerprints: (keys ?? []).map(({ apiKey }) => keyFingerprint(service, apiKey)) }
}

/** The SDK's errors may quote a request, and the request has the key: their name is all that is told. */
async function guarded<Result>(call: () => Promise<Result>, told = 'Secrets Manager did not do it'): Promise<Result> {
  try {
    return await call()
  } catch (error) {
    const name = error instanceof Error ? error.name : 'Error'
    throw new CliError('secrets_manager', `${told} (${name})`, 'look at your AWS credentials and the region', {
      exitCode: EXIT_CODE.unreachable,
    })
  }
}
