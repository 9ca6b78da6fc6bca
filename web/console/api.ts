import { createAccessToken } from '../client/access-token.ts'
import { createHttpClient, type HttpCaller } from '../client/http.ts'

/** Longest call, in milliseconds; API Gateway gives up after 30 seconds. */
const REQUEST_MS = 30_000

/**
 * Calls for pages of operators, which applications do not need in their client.
 *
 * @param requestMs - longest time of one call, its body included, in milliseconds
 */
export const createApi = (token: string, requestMs = REQUEST_MS): HttpCaller =>
  createHttpClient({ baseUrl: location.origin, token: createAccessToken(token), requestMs })

/** Texts that are given, as a query string with its question mark; empty when there is none. */
export function queryText(values: Record<string, string | undefined>): string {
  const given = Object.entries(values).flatMap(([name, value]) => (value ? [[name, value]] : []))
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`
}
