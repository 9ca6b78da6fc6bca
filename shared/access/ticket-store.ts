import type { VerifiedPrincipal } from './verified-principal.ts'

/** Tickets that open one connection. Only their SHA-256 is stored. */
export type TicketStore = {
  /** @param expiresAt - milliseconds since the epoch */
  put(ticketHash: string, principal: VerifiedPrincipal, expiresAt: number): Promise<void>
  /** Removes the ticket and returns its principal; undefined when it is unknown, used or expired at `now` (milliseconds). */
  take(ticketHash: string, now: number): Promise<VerifiedPrincipal | undefined>
}
