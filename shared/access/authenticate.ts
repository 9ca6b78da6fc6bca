import { UnauthorizedError } from '#shared/platform/errors.ts'
import { anonymousPrincipal } from './anonymous.ts'
import type { ApiKeys } from './api-keys.ts'
import type { AttemptLimiter } from './attempt-limiter.ts'
import { bindTicket, redeemTicket, type TicketDependencies } from './tickets.ts'
import type { TokenSecretDependencies } from './token-secret.ts'
import type { VerifiedPrincipal } from './verified-principal.ts'

/** What a caller shows, and where from. */
export type Credentials = {
  /** `Authorization`: a token or an API key. */
  authorization?: string | undefined
  /** `x-api-key`. */
  apiKey?: string | undefined
  ticket?: string | undefined
  /** Address of the caller, as the gateway saw it. */
  address?: string | undefined
}

export type AccessDependencies = TicketDependencies &
  TokenSecretDependencies & {
    /** Loaded with the first key. */
    apiKeys(): Promise<ApiKeys>
    /** Verifies tokens of the identity provider; loaded with the first one. Absent: there is none. */
    oidc?: { issuer: string; verify(token: string): Promise<VerifiedPrincipal> } | undefined
    /** Tenant of callers without credentials, where authentication is off. Absent: nobody gets in without. */
    openTenant?: string | undefined
    attempts: AttemptLimiter
  }

/** RFC 6750, section 2.1; the name of the scheme is case-insensitive (RFC 9110, section 11.1). */
const BEARER = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i

/**
 * Who is calling. A header takes precedence over a ticket, and bad credentials are not made good by others, or by authentication that is off.
 *
 * @param use - binds a ticket to this use, for which it may be shown again; without it a ticket is used up
 * @throws UnauthorizedError when nothing good is shown; SluiceError `rate_limit` when that came from the same address too often
 * @throws ConfigError when the secret is missing, empty or too short: nobody gets in
 */
export async function authenticate(
  credentials: Credentials,
  dependencies: AccessDependencies,
  { use }: { use?: string | undefined } = {},
): Promise<VerifiedPrincipal> {
  const { authorization, apiKey, ticket, address } = credentials
  if (authorization === undefined && apiKey === undefined && ticket === undefined) return withoutCredentials(dependencies)
  try {
    return await identify(credentials, dependencies, use)
  } catch (error) {
    if (error instanceof UnauthorizedError && address !== undefined && !isOver(error)) await dependencies.attempts.fail(address)
    throw error
  }
}

async function identify(
  { authorization, apiKey, ticket = '' }: Credentials,
  dependencies: AccessDependencies,
  use: string | undefined,
): Promise<VerifiedPrincipal> {
  if (authorization !== undefined) {
    const [, token] = BEARER.exec(authorization) ?? []
    if (!token) throw new UnauthorizedError('use "Authorization: Bearer <token>"')
    // Sockets and streams come with tickets: they do without the libraries.
    const { verifyBearer } = await import('./verify-bearer.ts')
    return verifyBearer(token, dependencies)
  }
  if (apiKey !== undefined) return (await dependencies.apiKeys()).verify(apiKey)
  const principal = await (use === undefined ? redeemTicket(ticket, dependencies) : bindTicket(ticket, use, dependencies))
  await requireLive(principal, dependencies)
  return principal
}

function withoutCredentials({ openTenant, clock }: AccessDependencies): VerifiedPrincipal {
  if (openTenant === undefined) throw new UnauthorizedError('an access token is required')
  return anonymousPrincipal(openTenant, clock)
}

/**
 * What came of an API key ends with it: its tickets, and the sockets that were opened with it.
 *
 * @throws UnauthorizedError when it is revoked or over
 */
export async function requireLive(
  { tenant, credential }: VerifiedPrincipal,
  { apiKeys }: Pick<AccessDependencies, 'apiKeys'>,
): Promise<void> {
  if (credential?.kind !== 'api_key' || credential.id === undefined) return
  await (await apiKeys()).requireLive({ tenant, keyId: credential.id })
}

/** A token that was good, and is over: whoever comes back late does not guess. jose looks at the time after the signature. */
const isOver = ({ cause }: UnauthorizedError): boolean => (cause as { code?: string } | undefined)?.code === 'ERR_JWT_EXPIRED'
