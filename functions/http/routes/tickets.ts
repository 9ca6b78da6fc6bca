import { requireScope } from '#shared/access/require-scope.ts'
import { issueTicket } from '#shared/access/tickets.ts'
import { NotFoundError } from '#shared/platform/errors.ts'
import { executionChannel } from '#shared/protocol/channel.ts'
import { createTicketSchema, ticketSchema } from '#shared/protocol/ticket.ts'
import { type Route, route } from '../route.ts'

export const TICKET_ROUTES: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/tickets',
    operation: 'createTicket',
    idempotency: 'refused',
    summary: 'A ticket that opens one connection',
    description:
      'It speaks for the caller, for a browser that cannot send a token. With `executionId` it follows that execution and does nothing else: hand it to ' +
      'whoever may see this one answer.',
    tag: 'Access',
    errors: ['not_found'],
    scope: 'any',
    body: createTicketSchema,
    status: 201,
    response: ticketSchema,
    async handle({ principal, body: { executionId } = {} }, dependencies) {
      if (executionId === undefined) return { body: await issueTicket(principal, dependencies) }
      requireScope(principal, 'executions:read')
      const { tenant } = principal
      if (!(await dependencies.executions.get({ tenant, executionId }))) throw new NotFoundError('execution', executionId)
      return { body: await issueTicket(principal, dependencies, executionChannel(executionId)) }
    },
  }),
]
