import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose'
import * as z from 'zod'
import type { Clock } from '#shared/platform/clock.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { guardedFetch } from '#shared/platform/guarded-fetch.ts'

export type OidcKeysOptions = {
  issuer: string
  /** Whether it may be a server inside, over `http:`: on the stage `local` alone. */
  allowPrivate: boolean
  clock: Clock
}

/** Shortest time between two calls of the provider, in milliseconds, however many unknown keys it is asked for. */
const COOLDOWN_MS = 30_000
/** When keys that are known are looked at again, so that those that the provider has withdrawn end, in milliseconds. */
const REFRESH_MS = 10 * 60_000
const TIMEOUT_MS = 3_000
const MAX_BYTES = 256 * 1_024

const discoverySchema = z.object({ issuer: z.string(), jwks_uri: z.url() })

/**
 * The public keys of a provider, by its discovery document. A key that is not known is asked for at most once in {@link COOLDOWN_MS}; while the
 * provider does not answer, the keys that are known stay good.
 *
 * @returns what `jwtVerify` takes; throws SluiceError `unavailable` when there are no keys yet and the provider does not answer
 */
export function oidcKeys({ issuer, allowPrivate, clock }: OidcKeysOptions): JWTVerifyGetKey {
  type RemoteKeys = ReturnType<typeof createRemoteJWKSet>
  let found: { keys: RemoteKeys; refreshAt: number } | undefined
  let failedAt = Number.NEGATIVE_INFINITY
  let discovering: Promise<NonNullable<typeof found>> | undefined

  async function fetchJson(url: string): Promise<Response> {
    if (clock.now() - failedAt < COOLDOWN_MS) throw unavailable()
    try {
      const response = await guardedFetch(url, {}, { allowPrivate, timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES })
      if (response.status !== 200) throw new SluiceError('network_error', `the provider answered ${response.status}`)
      return Response.json(await response.json())
    } catch (error) {
      failedAt = clock.now()
      throw unavailable(error)
    }
  }

  async function discover() {
    const document = discoverySchema.safeParse(await (await fetchJson(discoveryUrl(issuer))).json())
    if (!document.success || document.data.issuer !== issuer) {
      failedAt = clock.now()
      throw unavailable(document.error)
    }
    const keys = createRemoteJWKSet(new URL(document.data.jwks_uri), {
      // Ours decides when they are old: jose would take them away when the provider does not answer.
      cacheMaxAge: Number.POSITIVE_INFINITY,
      cooldownDuration: COOLDOWN_MS,
      [customFetch]: fetchJson,
    })
    await keys.reload()
    return { keys, refreshAt: clock.now() + REFRESH_MS }
  }

  async function current(): Promise<RemoteKeys> {
    if (!found) {
      discovering ??= discover().finally(() => {
        discovering = undefined
      })
      found = await discovering
    }
    if (clock.now() >= found.refreshAt) {
      found.refreshAt = clock.now() + REFRESH_MS
      await found.keys.reload().catch(() => undefined)
    }
    return found.keys
  }

  return async (header, token) => (await current())(header, token)
}

/** OpenID Connect Discovery 1.0, section 4: below the issuer, whatever its path. */
const discoveryUrl = (issuer: string): string => `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`

const unavailable = (cause?: unknown) =>
  new SluiceError('unavailable', 'access tokens of the identity provider cannot be verified now', { cause })
