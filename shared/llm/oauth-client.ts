import * as z from 'zod'
import { jsonOrUndefined } from '#shared/platform/json-or-undefined.ts'
import { serviceSecretName } from '#shared/platform/names.ts'
import type { SecretStore } from '#shared/platform/secret-store.ts'
import { baseUrlSchema } from '#shared/protocol/llm.ts'
import { InvalidSecretError } from './invalid-secret-error.ts'
import { SecretOriginError } from './secret-origin-error.ts'

const visible = z.string().regex(/^[\x20-\x7e]{1,4096}$/)

/** The content of a secret. Both addresses are part of it, so its owner decides where the credentials go. */
const secretSchema = z.strictObject({
  /** Root of the service that accepts the access tokens: they are sent nowhere else. */
  baseUrl: baseUrlSchema,
  /** Where tokens are issued: the credentials are sent nowhere else. */
  tokenUrl: baseUrlSchema,
  clientId: visible,
  clientSecret: visible,
  scope: visible.optional(),
  audience: visible.optional(),
})

const SHAPE =
  '{"baseUrl": "https://…", "tokenUrl": "https://…", "clientId": "…", "clientSecret": "…", "scope": "…", "audience": "…"}'

/** An OAuth 2.0 client that acts for itself, with the client credentials grant. */
export type OAuthClient = Omit<z.infer<typeof secretSchema>, 'baseUrl'> & {
  /** Name of its secret, for errors. */
  secretName: string
}

/**
 * The OAuth client in the secret of a service, for requests to an address.
 *
 * @throws SecretNotFoundError, InvalidSecretError; SecretOriginError when the secret's tokens are for another origin
 */
export type OAuthClientFor = (service: string, url: string | URL) => Promise<OAuthClient>

/** @param dependencies.platform - prefix of the secrets' names: `{platform}-{service}-secret` */
export function oauthClientFor({ secrets, platform }: { secrets: SecretStore; platform: string }): OAuthClientFor {
  return async (service, url) => {
    const secretName = serviceSecretName(platform, service)
    const result = readSecret(await secrets.read(secretName))
    // Parsers quote what they read, so neither their message nor their error is passed on.
    if (!result.success) throw new InvalidSecretError(secretName, SHAPE)
    const { baseUrl, ...client } = result.data
    const { origin } = new URL(url)
    if (new URL(baseUrl).origin !== origin) throw new SecretOriginError(secretName, origin)
    return { ...client, secretName }
  }
}

const readSecret = (text: string) => secretSchema.safeParse(jsonOrUndefined(text))

/** Whether the content of a secret is that of an OAuth client. */
export const isOAuthSecret = (text: string): boolean => readSecret(text).success
