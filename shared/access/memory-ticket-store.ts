import type { TicketStore } from './ticket-store.ts'
import type { VerifiedPrincipal } from './verified-principal.ts'

/** Tickets of one process, for tests. */
export function memoryTicketStore(): TicketStore {
  const tickets = new Map<string, { principal: VerifiedPrincipal; expiresAt: number }>()
  return {
    async put(ticketHash, principal, expiresAt) {
      tickets.set(ticketHash, { principal, expiresAt })
    },
    async take(ticketHash, now) {
      const ticket = tickets.get(ticketHash)
      tickets.delete(ticketHash)
      return ticket && ticket.expiresAt > now ? ticket.principal : undefined
    },
  }
}
