import * as z from 'zod'
import { idempotencyKeySchema } from '../../functions/doors/idempotency-key.ts'
import { ENTITY_TAGS } from '../../functions/http/entity-tag.ts'
import type { Route } from '../../functions/http/route.ts'

const HEADERS = {
  'Idempotency-Key': idempotencyKeySchema.optional().meta({
    description: 'Makes the call repeatable: the same key and request give the first answer, another request is a `conflict`.',
  }),
  'If-Match': z.string().regex(ENTITY_TAGS).optional().meta({
    description: 'The `ETag` of the version that is meant; another one is answered with `precondition_failed`.',
  }),
  'If-None-Match': z.string().regex(ENTITY_TAGS).optional().meta({
    description: 'The `ETag` of what the caller has; as long as it is that, the answer is an empty 304.',
  }),
  Prefer: z
    .string()
    .optional()
    .meta({
      description: '`wait=n` waits up to n seconds, 25 at the most, for the end (RFC 7240).',
      examples: ['wait=10'],
    }),
}

/** What a route reads of the request's headers, besides who is calling. */
export function requestHeaders(route: Route): z.ZodObject | undefined {
  const isRepeatable = route.method === 'POST' && route.scope !== 'none' && route.idempotency !== 'refused'
  const names = new Set([...(isRepeatable ? (['Idempotency-Key'] as const) : []), ...(route.headers ?? [])])
  if (names.size === 0) return undefined
  return z.object(Object.fromEntries([...names].map((name) => [name, HEADERS[name]])))
}

const rateLimit = {
  description: 'What is left of the allowance (draft-ietf-httpapi-ratelimit-headers).',
  schema: { type: 'string' },
} as const
const requestId = { description: 'Names the request in logs and in the audit log.', schema: { type: 'string' } } as const

/** Headers of the answers of a route. */
export const responseHeaders = (route: Route) => ({
  'X-Request-Id': requestId,
  ...(route.scope !== 'none' && { RateLimit: rateLimit }),
  ...(route.headers?.includes('If-Match') && {
    ETag: { description: 'Version of the resource.', schema: { type: 'string' } } as const,
  }),
})
