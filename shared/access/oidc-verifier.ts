import { decodeProtectedHeader, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import * as z from 'zod'
import type { Clock } from '#shared/platform/clock.ts'
import { SluiceError, UnauthorizedError } from '#shared/platform/errors.ts'
import type { OidcSettings } from '#shared/platform/oidc-settings.ts'
import { tenantSchema } from '#shared/protocol/identifiers.ts'
import { expandScopes, knownRoles } from './expand-scopes.ts'
import { CLOCK_TOLERANCE_SECONDS } from './token.ts'
import type { VerifiedPrincipal } from './verified-principal.ts'

/** Signatures by a private key alone: with HS*, whoever knows a public key could sign with it (RFC 8725, section 2.1). */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519']
/** Types of an access token: a JWT, or one of RFC 9068. Other JWTs of the same issuer, as for a logout, are none. */
const TYPES = [undefined, 'jwt', 'at+jwt', 'application/at+jwt']

const claimsSchema = z.looseObject({
  sub: z.string().min(1).max(128),
  jti: z.string().max(128).optional(),
  exp: z.number(),
})
/** A list, or words in a text. */
const namesSchema = z.union([z.array(z.string()), z.string().transform((text) => text.split(/[\s,]+/))]).default([])

/**
 * Verifies access tokens of an OpenID Connect provider.
 *
 * @param keys - those of the provider, see {@link oidcKeys}
 */
export function oidcVerifier(settings: OidcSettings, keys: JWTVerifyGetKey, clock: Clock) {
  /**
   * Who a token speaks for.
   *
   * @throws UnauthorizedError for every token that is not good, or names no tenant; SluiceError `unavailable` when no key can be had now
   */
  return async (token: string): Promise<VerifiedPrincipal> => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        algorithms: ALGORITHMS,
        issuer: settings.issuer,
        audience: settings.audience,
        requiredClaims: ['exp', 'sub'],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        currentDate: new Date(clock.now()),
      })
      requireType(token)
      return principalOf(payload, settings)
    } catch (cause) {
      if (cause instanceof SluiceError) throw cause
      throw new UnauthorizedError('the access token is not valid', cause)
    }
  }
}

function requireType(token: string): void {
  const { typ } = decodeProtectedHeader(token)
  if (!TYPES.includes(typ?.toLowerCase())) throw new UnauthorizedError('the access token is not valid')
}

/** Claims are taken by their whole name: many have dots, colons and slashes in it. */
function principalOf(payload: JWTPayload, { tenantClaim, rolesClaim, scopesClaim, audience }: OidcSettings): VerifiedPrincipal {
  const claims = claimsSchema.parse(payload)
  const namesIn = (claim: string | undefined) => (claim === undefined ? [] : namesSchema.parse(claims[claim]))
  const roles = knownRoles(namesIn(rolesClaim))
  // Cognito puts the resource server before a scope, which is us.
  const scopes = namesIn(scopesClaim).map((name) => (name.startsWith(`${audience}/`) ? name.slice(audience.length + 1) : name))
  return {
    subject: claims.sub,
    tenant: tenantSchema.parse(claims[tenantClaim]),
    scopes: expandScopes({ scopes, roles }),
    ...(roles.length > 0 && { roles }),
    credential: { kind: 'oidc', id: claims.jti },
    expiresAt: Math.floor((claims.exp + CLOCK_TOLERANCE_SECONDS) * 1_000),
  }
}
