import { jwtVerify, SignJWT } from 'jose'
import * as z from 'zod'
import { type Clock, systemClock } from '#shared/platform/clock.ts'
import { UnauthorizedError } from '#shared/platform/errors.ts'
import { tenantSchema } from '#shared/protocol/identifiers.ts'
import { SCOPES } from '#shared/protocol/scopes.ts'
import type { Principal } from './principal.ts'
import { requireStrongSecret } from './token-secret.ts'
import type { VerifiedPrincipal } from './verified-principal.ts'

/** The one algorithm: a token never chooses how it is verified (RFC 8725, section 3.1). */
const ALGORITHM = 'HS256'
const ISSUER = 'sluice'
const AUDIENCE = 'sluice'
/** How far the clocks of minting and verifying machines may be apart, in seconds. */
const CLOCK_TOLERANCE_SECONDS = 5

export type TokenRequest = Principal & {
  /** Validity from now on, in seconds. */
  expiresInSeconds: number
}

const claimsSchema = z.object({
  sub: z.string().min(1).max(128),
  tenant: tenantSchema,
  scope: z.string().default(''),
  exp: z.number(),
})

/**
 * Signs an access token.
 *
 * @throws ConfigError when the secret is too short
 */
export async function mintToken(request: TokenRequest, secret: string, clock: Clock = systemClock): Promise<string> {
  const now = Math.floor(clock.now() / 1_000)
  return new SignJWT({ tenant: request.tenant, scope: request.scopes.join(' ') })
    .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject(request.subject)
    .setIssuedAt(now)
    .setExpirationTime(now + request.expiresInSeconds)
    .sign(signingKey(secret))
}

/**
 * Who a token speaks for. Scopes this version does not know are left out.
 *
 * @throws UnauthorizedError for every token that is not good, without saying why; the `cause` says it to the log
 * @throws ConfigError when the secret is too short: nobody gets in
 */
export async function verifyToken(token: string, secret: string, clock: Clock = systemClock): Promise<VerifiedPrincipal> {
  const key = signingKey(secret)
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      audience: AUDIENCE,
      requiredClaims: ['exp'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(clock.now()),
    })
    const claims = claimsSchema.parse(payload)
    const granted = new Set(claims.scope.split(' '))
    return {
      subject: claims.sub,
      tenant: claims.tenant,
      scopes: SCOPES.filter((scope) => granted.has(scope)),
      expiresAt: Math.floor((claims.exp + CLOCK_TOLERANCE_SECONDS) * 1_000),
    }
  } catch (cause) {
    throw new UnauthorizedError('the access token is not valid', cause)
  }
}

function signingKey(secret: string): Uint8Array {
  requireStrongSecret(secret)
  return new TextEncoder().encode(secret)
}
