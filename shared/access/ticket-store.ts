import type { VerifiedPrincipal } from './verified-principal.ts'

/** How long a bound ticket stays good after its last use, in milliseconds: longer than a stream lasts, so that its reader can come back. */
export const BOUND_TICKET_MS = 16 * 60_000

/** Tickets that open one connection, or one stream as often as it breaks. Only their SHA-256 is stored. Times are milliseconds since the epoch. */
export type TicketStore = {
  put(ticketHash: string, principal: VerifiedPrincipal, expiresAt: number): Promise<void>
  /** Removes the ticket and returns its principal; undefined when it is unknown, used, bound or expired at `now`. */
  take(ticketHash: string, now: number): Promise<VerifiedPrincipal | undefined>
  /**
   * Gives the ticket to one use for good, and returns its principal; undefined when it is unknown, taken, expired, or another use has it. The
   * same use gets it again until {@link BOUND_TICKET_MS} after the last time, and never after the token's end.
   */
  bind(ticketHash: string, use: string, now: number): Promise<VerifiedPrincipal | undefined>
}
