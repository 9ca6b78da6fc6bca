import { MAX_CONTAINERS, MAX_JSON_DEPTH } from '#shared/platform/parse.ts'
import { MAX_CLIENT_FRAME_BYTES, MAX_MESSAGE_BYTES, MAX_QUERY_LENGTH, MAX_REFERENCED_BYTES } from '#shared/protocol/limits.ts'
import { tenantLimitsSchema } from '#shared/protocol/tenant-limits.ts'
import { type Route, route } from '../route.ts'

const SIZES = {
  requestBytes: MAX_MESSAGE_BYTES,
  referencedBytes: MAX_REFERENCED_BYTES,
  frameBytes: MAX_CLIENT_FRAME_BYTES,
  jsonDepth: MAX_JSON_DEPTH,
  jsonContainers: MAX_CONTAINERS,
  queryCharacters: MAX_QUERY_LENGTH,
}

export const LIMIT_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/limits',
    operation: 'getLimits',
    summary: 'What limits apply to the caller, and what is left',
    description: 'Asking takes a request like any other. Used quotas are a few seconds old.',
    tag: 'Access',
    errors: ['unavailable'],
    scope: 'any',
    status: 200,
    response: tenantLimitsSchema,
    async handle({ principal }, { rateLimiter, quotas, maxAgentsPerTenant }) {
      const [rates, usage] = await Promise.all([rateLimiter.allowances(principal), quotas.usage(principal.tenant)])
      return { body: { rates, quotas: { agents: { limit: maxAgentsPerTenant }, ...usage }, sizes: SIZES } }
    },
  }),
]
