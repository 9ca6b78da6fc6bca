import { UnauthorizedError } from '#shared/platform/errors.ts'
import { bindTicket, redeemTicket, type TicketDependencies } from './tickets.ts'
import { readTokenSecret, type TokenSecretDependencies } from './token-secret.ts'
import type { VerifiedPrincipal } from './verified-principal.ts'

/** What a caller shows: the `Authorization` header, or a ticket. */
export type Credentials = { authorization?: string | undefined; ticket?: string | undefined }

export type AccessDependencies = TicketDependencies & TokenSecretDependencies

/** RFC 6750, section 2.1; the name of the scheme is case-insensitive (RFC 9110, section 11.1). */
const BEARER = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i

/**
 * Who is calling. A header takes precedence over a ticket, and a bad header is not made good by a ticket.
 *
 * @param use - binds a ticket to this use, for which it may be shown again; without it a ticket is used up
 * @throws UnauthorizedError when neither is good
 * @throws ConfigError when the secret is missing, empty or too short: nobody gets in
 */
export async function authenticate(
  credentials: Credentials,
  dependencies: AccessDependencies,
  { use }: { use?: string | undefined } = {},
): Promise<VerifiedPrincipal> {
  if (credentials.authorization !== undefined) {
    const [, token] = BEARER.exec(credentials.authorization) ?? []
    if (!token) throw new UnauthorizedError('use "Authorization: Bearer <token>"')
    // Sockets and streams come with tickets: they do without the library.
    const { verifyToken } = await import('./token.ts')
    return verifyToken(token, await readTokenSecret(dependencies), dependencies.clock)
  }
  const { ticket } = credentials
  if (ticket !== undefined) return use === undefined ? redeemTicket(ticket, dependencies) : bindTicket(ticket, use, dependencies)
  throw new UnauthorizedError('an access token is required')
}
