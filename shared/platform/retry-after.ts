/**
 * Pause that an answer asks for, in seconds: `retry-after-ms` (OpenAI), or `Retry-After` as seconds or a date (RFC 9110, 10.2.3).
 *
 * @returns an object to spread: empty when the answer asks for none
 */
export function retryAfterSeconds(headers: Headers | undefined, now = Date.now()): { retryAfterSeconds?: number } {
  const milliseconds = Number.parseFloat(headers?.get('retry-after-ms') ?? '')
  if (milliseconds >= 0) return { retryAfterSeconds: milliseconds / 1_000 }
  const value = headers?.get('retry-after')?.trim() ?? ''
  if (/^\d+(\.\d+)?$/.test(value)) return { retryAfterSeconds: Number(value) }
  // Date.parse is lenient: it takes "-3" for a year.
  const date = value.endsWith('GMT') ? Date.parse(value) : Number.NaN
  return Number.isNaN(date) ? {} : { retryAfterSeconds: Math.max(0, (date - now) / 1_000) }
}
