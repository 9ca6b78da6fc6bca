import * as z from 'zod'
import { decideApproval, findApproval } from '#shared/executions/decide-approval.ts'
import { listApprovals } from '#shared/executions/list-approvals.ts'
import { approvalListSchema, approvalSchema, decideApprovalSchema } from '#shared/protocol/approval.ts'
import { APPROVAL_STATUSES } from '#shared/protocol/approval-statuses.ts'
import { agentIdSchema, executionIdSchema } from '#shared/protocol/identifiers.ts'
import { pageQuery } from '../query.ts'
import { type Route, route } from '../route.ts'

const params = z.object({ approvalId: z.uuid() })

export const APPROVAL_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/approvals',
    operation: 'listApprovals',
    summary: 'Calls of tools that people decide on, the newest first',
    description:
      'With a status, or with both ids, a page may be short, or empty, though there is a next one; those that are `pending` are found at once.',
    tag: 'Approvals',
    scope: 'approvals:read',
    query: z.strictObject({
      status: z.enum(APPROVAL_STATUSES).optional(),
      agentId: agentIdSchema.optional(),
      executionId: executionIdSchema.optional(),
      ...pageQuery({ byDefault: 20 }),
    }),
    status: 200,
    response: approvalListSchema,
    async handle({ principal: { tenant }, query: { limit, after, ...filter } }, dependencies) {
      return { body: await listApprovals(dependencies, tenant, filter, { limit, after }) }
    },
  }),

  route({
    method: 'GET',
    path: '/v1/approvals/{approvalId}',
    operation: 'getApproval',
    summary: 'A call of a tool that a person decides on',
    tag: 'Approvals',
    errors: ['not_found'],
    scope: 'approvals:read',
    params,
    status: 200,
    response: approvalSchema,
    async handle({ principal: { tenant }, params: { approvalId } }, dependencies) {
      return { body: await findApproval(dependencies, tenant, approvalId) }
    },
  }),

  route({
    method: 'POST',
    path: '/v1/approvals/{approvalId}',
    operation: 'decideApproval',
    idempotency: 'repeatable',
    summary: 'Approves or denies a call of a tool',
    description: `The first decision counts: the same one again is no error, another one is \`conflict\`. The execution goes on once every call that it asked
about is decided. Whom the policy of the agent does not let use it may not decide for it either.`,
    tag: 'Approvals',
    errors: ['not_found', 'forbidden', 'conflict', 'invalid_state'],
    scope: 'approvals:write',
    params,
    body: decideApprovalSchema,
    status: 200,
    response: approvalSchema,
    async handle({ principal, params: { approvalId }, body }, dependencies) {
      return { body: await decideApproval(dependencies, principal, approvalId, body) }
    },
  }),
]
