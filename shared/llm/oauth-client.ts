import * as z from 'zod'
import { jsonOrUndefined } from '#shared/platform/json-or-undefined.ts'
import { serviceSecretName } from '#shared/platform/names.ts'
import type { SecretStore } from '#shared/platform/secret-store.ts'
import { baseUrlSchema } from '#shared/protocol/llm.ts'
import { InvalidSecretError } from './invalid-secret-error.ts'
import { SecretOriginError } from './secret-origin-error.ts'

const visible = z.string().regex(/^[\x20-\x7e]{1,4096}$/)

/** The text of a secret. Both addresses stand beside the credentials, so they only go where their owner sends them. */
const secretSchema = z.strictObject({
  /** Root of the service that takes the access tokens: nobody else is shown one. */
  baseUrl: baseUrlSchema,
  /** Where tokens are issued: nobody else is shown the credentials. */
  tokenUrl: baseUrlSchema,
  clientId: visible,
  clientSecret: visible,
  scope: visible.optional(),
  audience: visible.optional(),
})

const SHAPE =
  '{"baseUrl": "https://…", "tokenUrl": "https://…", "clientId": "…", "clientSecret": "…", "scope": "…", "audience": "…"}'

/** A client of OAuth 2.0 that speaks for itself. */
export type OAuthClient = Omit<z.infer<typeof secretSchema>, 'baseUrl'> & {
  /** Of its secret, to be named in errors. */
  secretName: string
}

/**
 * The client whose credentials stand in the secret of a service, for requests to an address.
 *
 * @throws SecretNotFoundError, InvalidSecretError; SecretOriginError when the secret's tokens are for another origin
 */
export type OAuthClientFor = (service: string, url: string | URL) => Promise<OAuthClient>

/** @param dependencies.platform - prefix of the secrets' names: `{platform}-{service}-secret` */
export function oauthClientFor({ secrets, platform }: { secrets: SecretStore; platform: string }): OAuthClientFor {
  return async (service, url) => {
    const secretName = serviceSecretName(platform, service)
    const result = readSecret(await secrets.read(secretName))
    // Parsers quote what they read: neither their text nor their error is passed on.
    if (!result.success) throw new InvalidSecretError(secretName, SHAPE)
    const { baseUrl, ...client } = result.data
    const { origin } = new URL(url)
    if (new URL(baseUrl).origin !== origin) throw new SecretOriginError(secretName, origin)
    return { ...client, secretName }
  }
}

const readSecret = (text: string) => secretSchema.safeParse(jsonOrUndefined(text))

/** Whether the text of a secret is that of a client. */
export const isOAuthSecret = (text: string): boolean => readSecret(text).success
