import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import type { Clock } from '#shared/platform/clock.ts'
import { ConfigError } from '#shared/platform/errors.ts'
import { lazy } from '#shared/platform/lazy.ts'
import type { OidcSettings } from '#shared/platform/oidc-settings.ts'
import type { SecretStore } from '#shared/platform/secret-store.ts'
import type { ApiKeys } from './api-keys.ts'
import type { AttemptLimiter } from './attempt-limiter.ts'
import type { AccessDependencies } from './authenticate.ts'
import { dynamoTicketStore } from './dynamo-ticket-store.ts'
import type { VerifiedPrincipal } from './verified-principal.ts'

/** The variables of `CONFIG.access`, with the stage and the tables. */
export type AccessConfig = {
  SLUICE_STAGE: string
  SLUICE_DEFAULT_TENANT: string
  REGISTRY_TABLE: string
  STREAMS_TABLE: string
  TOKEN_SECRET_NAME: string
  AUTHENTICATION: 'on' | 'off'
  FAILED_ATTEMPTS_PER_MINUTE: number
  OIDC_PROVIDER?: OidcSettings | undefined
}

export type DynamoAccessOptions = { config: AccessConfig; client: DynamoDBDocumentClient; secrets: SecretStore; clock: Clock }

/**
 * What a deployed door lets callers in by. All but tickets is loaded when it is needed.
 *
 * @throws ConfigError when authentication is off anywhere but on the stage `local`, whoever set it: the function does not start
 */
export function dynamoAccess({ config, client, secrets, clock }: DynamoAccessOptions): AccessDependencies {
  const { SLUICE_STAGE: stage, REGISTRY_TABLE: registry, STREAMS_TABLE: streams, OIDC_PROVIDER: provider } = config
  const isOpen = config.AUTHENTICATION === 'off'
  if (isOpen && stage !== 'local') throw new ConfigError(`authentication is off, which the stage "${stage}" must not be`)
  const limiter = lazy(async (): Promise<AttemptLimiter> => {
    const [{ attemptLimiter }, { dynamoFailedAttempts }] = await Promise.all([
      import('./attempt-limiter.ts'),
      import('./dynamo-failed-attempts.ts'),
    ])
    return attemptLimiter(dynamoFailedAttempts(client, streams), { perMinute: config.FAILED_ATTEMPTS_PER_MINUTE, clock })
  })
  return {
    clock,
    secrets,
    tokenSecretName: config.TOKEN_SECRET_NAME,
    tickets: dynamoTicketStore(client, streams),
    apiKeys: lazy(async (): Promise<ApiKeys> => {
      const [{ apiKeys }, { dynamoApiKeyStore }] = await Promise.all([
        import('./api-keys.ts'),
        import('./dynamo-api-key-store.ts'),
      ])
      return apiKeys(dynamoApiKeyStore(client, registry), clock)
    }),
    attempts: { fail: async (address) => (await limiter()).fail(address) },
    ...(isOpen && { openTenant: config.SLUICE_DEFAULT_TENANT }),
    ...(provider && { oidc: lazyOidc(provider, stage, clock) }),
  }
}

function lazyOidc(settings: OidcSettings, stage: string, clock: Clock): NonNullable<AccessDependencies['oidc']> {
  const verifier = lazy(async (): Promise<(token: string) => Promise<VerifiedPrincipal>> => {
    const [{ oidcKeys }, { oidcVerifier }] = await Promise.all([import('./oidc-keys.ts'), import('./oidc-verifier.ts')])
    return oidcVerifier(settings, oidcKeys({ issuer: settings.issuer, allowPrivate: stage === 'local', clock }), clock)
  })
  return { issuer: settings.issuer, verify: async (token) => (await verifier())(token) }
}
