import { requireStrongSecret } from '#shared/access/token-secret.ts'
import { ConfigError } from '#shared/platform/errors.ts'
import { SecretNotFoundError } from '#shared/platform/secret-not-found-error.ts'
import type { SecretStore } from '#shared/platform/secret-store.ts'
import { signingKeyOf } from './signature.ts'

export type SigningKeyDependencies = { secrets: SecretStore; webhookSecretName: string }

/**
 * The key of a tenant: `whsec_` and base64. What is wrong with the secret is our fault, and its name is not the tenant's business.
 *
 * @throws ConfigError when the secret is missing, empty or too short; SluiceError `unavailable` when it cannot be read now
 */
export async function readSigningKey({ secrets, webhookSecretName }: SigningKeyDependencies, tenant: string): Promise<string> {
  const secret = await secrets.read(webhookSecretName).catch((error: unknown) => {
    throw error instanceof SecretNotFoundError ? new ConfigError('the webhook secret is missing or empty', error) : error
  })
  requireStrongSecret(secret, 'webhook secret')
  return signingKeyOf(secret, tenant)
}
