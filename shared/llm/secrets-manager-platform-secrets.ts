import {
  BatchGetSecretValueCommand,
  GetSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { type Concealed, conceal } from '#shared/platform/concealed.ts'
import { serviceSecretName } from '#shared/platform/names.ts'
import { KAFKA_SERVICE, type KafkaSettings, parseKafkaSecret } from './kafka-secret.ts'

/** The secrets of a platform, by service. */
export type PlatformSecrets = ReadonlyMap<string, Concealed<string>>

export type SecretLoader = {
  /** All secrets named `{platform}-{service}-secret`, read twenty at a time. */
  loadPlatformSecrets(platform: string): Promise<PlatformSecrets>
  /** One secret; undefined when it does not exist or is empty. */
  loadSecret(platform: string, service: string): Promise<Concealed<string> | undefined>
  /** The settings of the external broker, from `{platform}-kafka-secret`; undefined when it does not exist. @throws InvalidSecretError */
  loadKafkaSettings(platform: string): Promise<KafkaSettings | undefined>
}

/**
 * Loads secrets with the caller's own AWS rights: for your own programs and for the command line. The platform's functions have no right to list
 * secrets.
 */
export function secretsManagerPlatformSecrets(client: SecretsManagerClient): SecretLoader {
  const loader: SecretLoader = {
    async loadPlatformSecrets(platform) {
      const secrets = new Map<string, Concealed<string>>()
      const [prefix = '', suffix = ''] = serviceSecretName(platform, '\n').split('\n')
      for (let NextToken: string | undefined, first = true; first || NextToken !== undefined; first = false) {
        const command = new BatchGetSecretValueCommand({ Filters: [{ Key: 'name', Values: [prefix] }], NextToken })
        const { SecretValues = [], ...page } = await client.send(command)
        NextToken = page.NextToken
        for (const { Name = '', SecretString } of SecretValues) {
          if (!SecretString || !Name.startsWith(prefix) || !Name.endsWith(suffix)) continue
          secrets.set(Name.slice(prefix.length, -suffix.length), conceal(SecretString))
        }
      }
      return secrets
    },

    async loadSecret(platform, service) {
      try {
        const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: serviceSecretName(platform, service) }))
        return SecretString ? conceal(SecretString) : undefined
      } catch (error) {
        if (error instanceof ResourceNotFoundException) return undefined
        throw error
      }
    },

    async loadKafkaSettings(platform) {
      const text = await loader.loadSecret(platform, KAFKA_SERVICE)
      return text && parseKafkaSecret(serviceSecretName(platform, KAFKA_SERVICE), text.reveal())
    },
  }
  return loader
}
