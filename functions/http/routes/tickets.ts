import { issueTicket } from '#shared/access/tickets.ts'
import { ticketSchema } from '#shared/protocol/ticket.ts'
import { type Route, route } from '../route.ts'

export const TICKET_ROUTES: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/tickets',
    operation: 'createTicket',
    summary: 'A ticket that opens one connection',
    tag: 'Access',
    scope: 'any',
    status: 201,
    response: ticketSchema,
    async handle({ principal }, dependencies) {
      return { body: await issueTicket(principal, dependencies) }
    },
  }),
]
