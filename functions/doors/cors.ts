/** Headers of requests that a page of another origin may set. */
const ALLOWED_HEADERS = [
  'Authorization',
  'Content-Type',
  'Idempotency-Key',
  'If-Match',
  'If-None-Match',
  'Last-Event-ID',
  'Prefer',
  'X-Request-Id',
  'X-Sluice-Authorization',
  'X-Sluice-Ticket',
]

/** Headers of answers that such a page may read. */
const EXPOSED_HEADERS = [
  'ETag',
  'Idempotency-Replayed',
  'Location',
  'Preference-Applied',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'X-Request-Id',
  'X-Sluice-Execution-Id',
].join(', ')

/** How long a browser may go by the answer to a preflight, in seconds. */
const MAX_AGE_SECONDS = 600

/** Pages that may call: exact origins such as `https://app.example.com`; none but our own when it is empty. */
export type CorsOrigins = readonly string[]

type Headers = Record<string, string>

/**
 * Lets a page of an allowed origin read the answer (https://fetch.spec.whatwg.org/#http-cors-protocol). Nothing is ever allowed to every
 * origin, and no cookie lets anybody in, so credentials are never mentioned.
 */
export function corsHeaders(origins: CorsOrigins, origin: string | undefined): Headers {
  if (origins.length === 0) return {}
  if (origin === undefined || !origins.includes(origin)) return { vary: 'Origin' }
  return { vary: 'Origin', 'access-control-allow-origin': origin, 'access-control-expose-headers': EXPOSED_HEADERS }
}

/**
 * The answer to `OPTIONS`, which browsers ask before they send what a form could not.
 *
 * @param headers - that clients of this door send besides those of all doors
 */
export function preflightHeaders(
  origins: CorsOrigins,
  origin: string | undefined,
  methods: readonly string[],
  headers: readonly string[] = [],
): Headers {
  const allow = [...methods, 'OPTIONS'].join(', ')
  if (origin === undefined || !origins.includes(origin)) return { allow }
  return {
    allow,
    'access-control-allow-methods': allow,
    'access-control-allow-headers': [...ALLOWED_HEADERS, ...headers].join(', '),
    'access-control-max-age': String(MAX_AGE_SECONDS),
  }
}
