import { randomBytes } from 'node:crypto'
import type { Clock } from '#shared/platform/clock.ts'
import { UnauthorizedError } from '#shared/platform/errors.ts'
import { sha256 } from '#shared/platform/sha256.ts'
import { parseChannel } from '#shared/protocol/channel.ts'
import type { Ticket } from '#shared/protocol/ticket.ts'
import { CHANNEL_SCOPES } from './channel-scopes.ts'
import { requireChannel } from './require-channel.ts'
import type { TicketStore } from './ticket-store.ts'
import type { VerifiedPrincipal } from './verified-principal.ts'

/** Validity of a ticket, in milliseconds: long enough to open a connection, too short to be found in a log. */
export const TICKET_LIFETIME = 60_000

const TICKET_BYTES = 32
/** What {@link TICKET_BYTES} look like in base64url. */
const TICKET = /^[A-Za-z0-9_-]{43}$/

export type TicketDependencies = { tickets: TicketStore; clock: Clock }

/**
 * A new ticket that speaks for the principal once, no longer than its token. Only its hash is kept, so a reader of the table cannot
 * use it.
 *
 * @param onlyChannel - the one channel that it opens; it is good for nothing else, whatever the principal may do
 */
export async function issueTicket(
  principal: VerifiedPrincipal,
  { tickets, clock }: TicketDependencies,
  onlyChannel?: string,
): Promise<Ticket> {
  const ticket = randomBytes(TICKET_BYTES).toString('base64url')
  const expiresAt = Math.min(clock.now() + TICKET_LIFETIME, principal.expiresAt)
  await tickets.put(hashOf(ticket), bearerOf(principal, onlyChannel), expiresAt)
  return { ticket, expiresAt: new Date(expiresAt).toISOString() }
}

/** Who a ticket speaks for. What came of an API key says so, since it ends with the key. */
function bearerOf(principal: VerifiedPrincipal, onlyChannel: string | undefined): VerifiedPrincipal {
  const { credential } = principal
  const holder: VerifiedPrincipal =
    credential?.kind === 'api_key' ? principal : { ...principal, credential: { kind: 'ticket', id: credential?.id } }
  if (onlyChannel === undefined) return holder
  requireChannel(principal, onlyChannel)
  return { ...holder, scopes: CHANNEL_SCOPES[parseChannel(onlyChannel).kind], onlyChannel }
}

/**
 * Uses a ticket up. It is looked up by its hash, so the time of the lookup says nothing about the ticket.
 *
 * @throws UnauthorizedError when it is unknown, used or expired
 */
export async function redeemTicket(ticket: string, { tickets, clock }: TicketDependencies): Promise<VerifiedPrincipal> {
  return valid(TICKET.test(ticket) ? await tickets.take(hashOf(ticket), clock.now()) : undefined)
}

/**
 * Binds a ticket to one use, which may show it again: an `EventSource` that comes back repeats its URL.
 *
 * @param use - what is opened with it
 * @throws UnauthorizedError when it is unknown, used for something else or expired
 */
export async function bindTicket(
  ticket: string,
  use: string,
  { tickets, clock }: TicketDependencies,
): Promise<VerifiedPrincipal> {
  return valid(TICKET.test(ticket) ? await tickets.bind(hashOf(ticket), use, clock.now()) : undefined)
}

function valid(principal: VerifiedPrincipal | undefined): VerifiedPrincipal {
  if (!principal) throw new UnauthorizedError('the ticket is not valid')
  return principal
}

const hashOf = (ticket: string): string => sha256(ticket)
