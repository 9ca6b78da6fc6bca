/** The state of a key, identified by its fingerprint alone. Times are milliseconds since the epoch. */
export type KeyState = {
  fingerprint: string
  /** The end of its pause; absent or past if it has none. */
  cooldownUntil?: number | undefined
  /** Why it pauses: too many calls, or the provider refused it. */
  reason?: 'rate_limit' | 'authentication_error' | undefined
  /** At most a quarter of an hour too early. */
  lastUsedAt?: number | undefined
  /** From its secret. */
  requestsPerMinute?: number | undefined
}
