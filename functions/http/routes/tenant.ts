import * as z from 'zod'
import { findErasure, requestErasure } from '#shared/erasure/request-erasure.ts'
import { erasureAcceptedSchema, erasureSchema, requestErasureSchema } from '#shared/protocol/erasure.ts'
import { type Route, route } from '../route.ts'

export const TENANT_ROUTES: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/tenant/erasure',
    operation: 'eraseTenant',
    summary: 'Erases everything of the tenant, for good',
    description:
      'The tenant is closed at once: every other request is refused with `forbidden`. What runs is cancelled, connections are closed, and then everything ' +
      'is erased, until a pass over all of it finds nothing; that pass is the proof. The tenant stays closed. There is one at a time: asking again ' +
      'gives the one that goes on, and another one where it failed.',
    tag: 'Access',
    errors: ['invalid_state', 'quota_exceeded'],
    idempotency: 'derived',
    scope: 'tenant:erase',
    whileClosed: true,
    body: requestErasureSchema,
    status: 202,
    response: erasureAcceptedSchema,
    async handle({ principal, body, idempotencyKey }, dependencies) {
      const { erasureId, status } = await requestErasure(dependencies, principal, body, { idempotencyKey })
      const self = `/v1/tenant/erasures/${erasureId}`
      return { body: { erasureId, status, links: { self } }, headers: { location: self } }
    },
  }),

  route({
    method: 'GET',
    path: '/v1/tenant/erasures/{erasureId}',
    operation: 'getErasure',
    summary: 'How far an erasure has come, and its proof',
    tag: 'Access',
    errors: ['not_found'],
    scope: 'tenant:erase',
    whileClosed: true,
    params: z.object({ erasureId: z.uuid() }),
    status: 200,
    response: erasureSchema,
    async handle({ principal, params: { erasureId } }, dependencies) {
      return { body: await findErasure(dependencies, principal, erasureId) }
    },
  }),
]
