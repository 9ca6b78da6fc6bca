import type { Principal } from './principal.ts'
import type { TicketStore } from './ticket-store.ts'

/** Tickets of one process, for tests. */
export function memoryTicketStore(): TicketStore {
  const tickets = new Map<string, { principal: Principal; expiresAt: number }>()
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
