import * as z from 'zod'
import { createApiKey } from '#shared/access/create-api-key.ts'
import { NotFoundError } from '#shared/platform/errors.ts'
import {
  apiKeyListSchema,
  apiKeyParamsSchema,
  apiKeySchema,
  createApiKeySchema,
  createdApiKeySchema,
} from '#shared/protocol/api-key.ts'
import { pageQuery } from '../query.ts'
import { type Route, route } from '../route.ts'

/** When nobody lets a revoked key in any more who has read it before, and its sockets are all there. */
const CLOSED_AFTER_SECONDS = 10

export const API_KEY_ROUTES: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/api-keys',
    operation: 'createApiKey',
    idempotency: 'refused',
    summary: 'Makes an API key',
    description:
      'The key is in this answer and nowhere else: Sluice keeps its hash. It can do no more than the caller. `Idempotency-Key` is refused: a repeated ' +
      'answer would have to be kept, and the secret with it. A key whose answer was lost is revoked, and another one made.',
    tag: 'Access',
    errors: ['forbidden', 'quota_exceeded'],
    scope: 'keys:write',
    body: createApiKeySchema,
    status: 201,
    response: createdApiKeySchema,
    async handle({ principal, body }, dependencies) {
      const created = await createApiKey(dependencies, principal, body)
      return { body: created, headers: { location: `/v1/api-keys/${created.keyId}` } }
    },
  }),

  route({
    method: 'GET',
    path: '/v1/api-keys',
    operation: 'listApiKeys',
    summary: 'API keys, without their secrets',
    tag: 'Access',
    scope: 'keys:read',
    query: z.strictObject(pageQuery({ byDefault: 20 })),
    status: 200,
    response: apiKeyListSchema,
    async handle({ principal: { tenant }, query }, { apiKeyStore }) {
      return { body: await apiKeyStore.list(tenant, query) }
    },
  }),

  route({
    method: 'GET',
    path: '/v1/api-keys/{keyId}',
    operation: 'getApiKey',
    summary: 'One API key, without its secret',
    tag: 'Access',
    errors: ['not_found'],
    scope: 'keys:read',
    params: apiKeyParamsSchema,
    status: 200,
    response: apiKeySchema,
    async handle({ principal: { tenant }, params: { keyId } }, { apiKeyStore }) {
      const apiKey = await apiKeyStore.get({ tenant, keyId })
      if (!apiKey) throw new NotFoundError('API key', keyId)
      return { body: apiKey }
    },
  }),

  route({
    method: 'DELETE',
    path: '/v1/api-keys/{keyId}',
    operation: 'revokeApiKey',
    summary: 'Revokes an API key',
    description:
      'It is good for five more seconds at the most. Then its sockets are closed; event streams end within five minutes.',
    tag: 'Access',
    errors: ['not_found'],
    scope: 'keys:write',
    params: apiKeyParamsSchema,
    status: 204,
    response: z.undefined(),
    async handle({ principal: { tenant }, params: { keyId } }, { apiKeyStore, connectionTasks }) {
      const before = await apiKeyStore.get({ tenant, keyId })
      if ((await apiKeyStore.remove({ tenant, keyId })) === 'missing') throw new NotFoundError('API key', keyId)
      await connectionTasks.send([{ task: 'close_key', tenant, keyId }], CLOSED_AFTER_SECONDS)
      return { before }
    },
  }),
]
