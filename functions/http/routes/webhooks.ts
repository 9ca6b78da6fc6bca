import * as z from 'zod'
import { NotFoundError } from '#shared/platform/errors.ts'
import { executionIdSchema } from '#shared/protocol/identifiers.ts'
import {
  createWebhookSchema,
  deliveryListSchema,
  signingKeySchema,
  webhookListSchema,
  webhookParamsSchema,
  webhookSchema,
} from '#shared/protocol/webhook.ts'
import { createWebhook } from '#shared/webhooks/create-webhook.ts'
import type { WebhookStore } from '#shared/webhooks/webhook-store.ts'
import { pageQuery } from '../query.ts'
import { type Route, route } from '../route.ts'

const deliveriesQuery = z.strictObject(pageQuery({ byDefault: 20 }))

async function findWebhook(webhooks: WebhookStore, tenant: string, webhookId: string) {
  const webhook = await webhooks.get(tenant, webhookId)
  if (!webhook) throw new NotFoundError('webhook', webhookId)
  return webhook
}

export const WEBHOOK_ROUTES: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/webhooks',
    operation: 'createWebhook',
    idempotency: 'derived',
    summary: 'Registers an address that is told of events',
    tag: 'Webhooks',
    errors: ['conflict'],
    scope: 'webhooks:write',
    body: createWebhookSchema,
    status: 201,
    response: webhookSchema,
    async handle({ principal, body, idempotencyKey }, dependencies) {
      const webhook = await createWebhook(dependencies, principal, body, { idempotencyKey })
      return { body: webhook, headers: { location: `/v1/webhooks/${webhook.webhookId}` } }
    },
  }),

  route({
    method: 'GET',
    path: '/v1/webhooks',
    operation: 'listWebhooks',
    summary: 'Registered addresses',
    tag: 'Webhooks',
    scope: 'webhooks:read',
    status: 200,
    response: webhookListSchema,
    async handle({ principal: { tenant } }, { webhooks }) {
      return { body: { webhooks: await webhooks.list(tenant) } }
    },
  }),

  route({
    method: 'GET',
    path: '/v1/webhooks/signing-key',
    operation: 'getSigningKey',
    summary: 'Key that callbacks and webhooks are signed with',
    tag: 'Webhooks',
    scope: 'webhooks:write',
    status: 200,
    response: signingKeySchema,
    async handle({ principal: { tenant } }, { signingKey }) {
      return { body: { key: await signingKey(tenant) } }
    },
  }),

  route({
    method: 'GET',
    path: '/v1/webhooks/{webhookId}',
    operation: 'getWebhook',
    summary: 'One webhook',
    tag: 'Webhooks',
    errors: ['not_found'],
    scope: 'webhooks:read',
    params: webhookParamsSchema,
    status: 200,
    response: webhookSchema,
    async handle({ principal: { tenant }, params: { webhookId } }, { webhooks }) {
      return { body: await findWebhook(webhooks, tenant, webhookId) }
    },
  }),

  route({
    method: 'DELETE',
    path: '/v1/webhooks/{webhookId}',
    operation: 'deleteWebhook',
    summary: 'Removes a webhook',
    tag: 'Webhooks',
    errors: ['not_found'],
    scope: 'webhooks:write',
    params: webhookParamsSchema,
    status: 204,
    response: z.undefined(),
    async handle({ principal: { tenant }, params: { webhookId } }, { webhooks }) {
      const result = await webhooks.remove(tenant, webhookId)
      if (result === 'missing') throw new NotFoundError('webhook', webhookId)
      return {}
    },
  }),

  route({
    method: 'GET',
    path: '/v1/webhooks/{webhookId}/deliveries',
    operation: 'listWebhookDeliveries',
    summary: 'What became of the deliveries of a webhook',
    tag: 'Webhooks',
    errors: ['not_found'],
    scope: 'webhooks:read',
    params: webhookParamsSchema,
    query: deliveriesQuery,
    status: 200,
    response: deliveryListSchema,
    async handle({ principal: { tenant }, params: { webhookId }, query }, { webhooks, deliveryLog }) {
      await findWebhook(webhooks, tenant, webhookId)
      return { body: await deliveryLog.list(tenant, { webhookId }, query) }
    },
  }),

  route({
    method: 'GET',
    path: '/v1/executions/{executionId}/callbacks',
    operation: 'listCallbacks',
    summary: 'What became of the callbacks of an execution',
    tag: 'Webhooks',
    errors: ['not_found'],
    scope: 'executions:read',
    params: z.object({ executionId: executionIdSchema }),
    query: deliveriesQuery,
    status: 200,
    response: deliveryListSchema,
    async handle({ principal: { tenant }, params: { executionId }, query }, { executions, deliveryLog }) {
      if (!(await executions.get({ tenant, executionId }))) throw new NotFoundError('execution', executionId)
      return { body: await deliveryLog.list(tenant, { executionId }, query) }
    },
  }),
]
