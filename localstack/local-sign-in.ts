import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { mintToken } from '#shared/access/token.ts'
import type { SignIn } from './front-door/sign-in.ts'
import { readSecret } from './secrets.ts'

/** Validity of a token, in seconds: a day's work. */
const TOKEN_SECONDS = 43_200

/** Signs in with the token secret as it is then: it may have been rotated. */
export const localSignIn =
  (secrets: SecretsManagerClient, secretName: string): SignIn =>
  async ({ subject, tenant, role }) =>
    mintToken(
      { subject, tenant, scopes: [], roles: [role], expiresInSeconds: TOKEN_SECONDS },
      await readSecret(secrets, secretName),
    )
