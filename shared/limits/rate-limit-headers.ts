import type { Allowance } from './rate-limiter.ts'

/** What a caller has left, as `draft-ietf-httpapi-ratelimit-headers` says it. */
export const rateLimitHeaders = ({ policy, limit, window, remaining, resetAfter }: Allowance): Record<string, string> => ({
  'ratelimit-policy': `"${policy}";q=${limit};w=${window}`,
  ratelimit: `"${policy}";r=${remaining};t=${resetAfter}`,
})
