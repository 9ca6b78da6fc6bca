import { errors, jwtVerify, SignJWT } from 'jose'
import * as z from 'zod'
import { type Clock, systemClock } from '#shared/platform/clock.ts'
import { UnauthorizedError } from '#shared/platform/errors.ts'
import { newId } from '#shared/platform/ids.ts'
import { tenantSchema } from '#shared/protocol/identifiers.ts'
import { expandScopes, knownRoles } from './expand-scopes.ts'
import { requireStrongSecret } from './token-secret.ts'
import type { VerifiedPrincipal } from './verified-principal.ts'

/** The one algorithm: a token never chooses how it is verified (RFC 8725, section 3.1). */
const ALGORITHM = 'HS256'
const ISSUER = 'sluice'
const AUDIENCE = 'sluice'
/** How far the clocks of minting and verifying machines may be apart, in seconds. */
export const CLOCK_TOLERANCE_SECONDS = 5

export type TokenRequest = {
  subject: string
  tenant: string
  /** Scopes, also with wildcards. */
  scopes: readonly string[]
  roles?: readonly string[] | undefined
  /** Validity from now on, in seconds. */
  expiresInSeconds: number
}

const claimsSchema = z.object({
  sub: z.string().min(1).max(128),
  tenant: tenantSchema,
  scope: z.string().default(''),
  roles: z.array(z.string()).default([]),
  jti: z.string().max(128).optional(),
  exp: z.number(),
})

/**
 * Signs an access token.
 *
 * @throws ConfigError when the secret is too short
 */
export async function mintToken(request: TokenRequest, secret: string, clock: Clock = systemClock): Promise<string> {
  const now = Math.floor(clock.now() / 1_000)
  const { tenant, scopes, roles } = request
  return new SignJWT({ tenant, scope: scopes.join(' '), ...(roles && { roles }) })
    .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject(request.subject)
    .setJti(newId())
    .setIssuedAt(now)
    .setExpirationTime(now + request.expiresInSeconds)
    .sign(signingKey(secret))
}

/**
 * Who a token speaks for. Scopes and roles this version does not know are left out.
 *
 * @param secrets - those that it may be signed with
 * @throws UnauthorizedError for every token that is not good, without saying why; the `cause` says it to the log
 * @throws ConfigError when a secret is too short: nobody gets in
 */
export async function verifyToken(
  token: string,
  secrets: readonly string[],
  clock: Clock = systemClock,
): Promise<VerifiedPrincipal> {
  const keys = secrets.map(signingKey)
  try {
    const claims = claimsSchema.parse(await verifyWithAny(token, keys, clock))
    const roles = knownRoles(claims.roles)
    return {
      subject: claims.sub,
      tenant: claims.tenant,
      scopes: expandScopes({ scopes: claims.scope.split(' '), roles }),
      ...(roles.length > 0 && { roles }),
      credential: { kind: 'token', id: claims.jti },
      expiresAt: Math.floor((claims.exp + CLOCK_TOLERANCE_SECONDS) * 1_000),
    }
  } catch (cause) {
    throw new UnauthorizedError('the access token is not valid', cause)
  }
}

/** The claims by the first key that signed them. @throws what `jwtVerify` throws of the last */
async function verifyWithAny(token: string, [key, ...others]: readonly Uint8Array[], clock: Clock): Promise<unknown> {
  if (!key) throw new RangeError('there is no key to verify with')
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      audience: AUDIENCE,
      requiredClaims: ['exp'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(clock.now()),
    })
    return payload
  } catch (error) {
    if (others.length > 0 && error instanceof errors.JWSSignatureVerificationFailed) return verifyWithAny(token, others, clock)
    throw error
  }
}

function signingKey(secret: string): Uint8Array {
  requireStrongSecret(secret)
  return new TextEncoder().encode(secret)
}
