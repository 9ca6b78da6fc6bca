import * as z from 'zod'
import { requireScope } from '#shared/access/require-scope.ts'
import { sendMessage } from '#shared/executions/send-message.ts'
import { publishMessageSchema } from '#shared/protocol/envelope.ts'
import { agentIdSchema, executionIdSchema, messageIdSchema } from '#shared/protocol/identifiers.ts'
import { MAX_REFERENCED_BYTES } from '#shared/protocol/limits.ts'
import { type Route, route } from '../route.ts'

export const AGENT_MESSAGE_ROUTES: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/agents/{agentId}/messages',
    operation: 'sendMessage',
    idempotency: 'repeatable',
    summary: 'Sends a message to one agent',
    tag: 'Agents',
    errors: [
      'not_found',
      'agent_not_running',
      'queue_full',
      'unsupported_task_type',
      'conflict',
      'payload_too_large',
      'quota_exceeded',
      'forbidden',
    ],
    scope: 'executions:write',
    params: z.object({ agentId: agentIdSchema }),
    body: publishMessageSchema,
    maxBodyBytes: MAX_REFERENCED_BYTES,
    status: 202,
    response: z.object({ messageId: messageIdSchema, agentId: agentIdSchema, executionId: executionIdSchema }),
    async handle({ principal, params: { agentId }, body, idempotencyKey }, dependencies) {
      // The answer is published there.
      if (body.replyTo !== undefined) requireScope(principal, 'topics:publish')
      return { body: await sendMessage(dependencies, principal, agentId, body, { idempotencyKey }) }
    },
  }),
]
