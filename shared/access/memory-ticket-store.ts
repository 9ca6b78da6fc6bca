import { BOUND_TICKET_MS, type TicketStore } from './ticket-store.ts'
import type { VerifiedPrincipal } from './verified-principal.ts'

type Ticket = { principal: VerifiedPrincipal; expiresAt: number; use?: string }

/** Tickets of one process, for tests. */
export function memoryTicketStore(): TicketStore {
  const tickets = new Map<string, Ticket>()
  return {
    async put(ticketHash, principal, expiresAt) {
      tickets.set(ticketHash, { principal, expiresAt })
    },
    async take(ticketHash, now) {
      const ticket = tickets.get(ticketHash)
      if (ticket?.use !== undefined) return undefined
      tickets.delete(ticketHash)
      return ticket && ticket.expiresAt > now ? ticket.principal : undefined
    },
    async bind(ticketHash, use, now) {
      const ticket = tickets.get(ticketHash)
      if (!ticket || ticket.expiresAt <= now || (ticket.use ?? use) !== use) return undefined
      const { principal } = ticket
      tickets.set(ticketHash, { principal, use, expiresAt: Math.min(principal.expiresAt, now + BOUND_TICKET_MS) })
      return principal
    },
  }
}
