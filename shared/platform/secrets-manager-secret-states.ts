import { AWS_CLIENT_CONFIG } from './aws-client-config.ts'
import { lazy } from './lazy.ts'
import type { SecretState, SecretStates } from './secret-states.ts'

/** Label of the version that readers get. Source: AWS, Secrets Manager, "Secret versions". */
const CURRENT = 'AWSCURRENT'

/** Secrets Manager by `DescribeSecret` alone. The SDK is loaded with the first look. */
export function secretsManagerSecretStates(): SecretStates {
  const secretsManager = lazy(async () => {
    const sdk = await import('@aws-sdk/client-secrets-manager')
    return { sdk, client: new sdk.SecretsManagerClient(AWS_CLIENT_CONFIG) }
  })
  return {
    async describe(SecretId) {
      const { sdk, client } = await secretsManager()
      try {
        const secret = await client.send(new sdk.DescribeSecretCommand({ SecretId }))
        const { DeletedDate, LastChangedDate, VersionIdsToStages = {} } = secret
        if (DeletedDate) return { status: 'missing' }
        const hasValue = Object.values(VersionIdsToStages).some((stages) => stages.includes(CURRENT))
        return { status: hasValue ? 'present' : 'empty', lastChanged: LastChangedDate?.toISOString() }
      } catch (error) {
        return stateOf(error)
      }
    },
  }
}

const stateOf = (error: unknown): SecretState => ({
  status: (error as { name?: string }).name === 'ResourceNotFoundException' ? 'missing' : 'unreadable',
})
