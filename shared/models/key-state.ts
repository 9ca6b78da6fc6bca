/** What is known of a key without having it. Times are milliseconds since the epoch. */
export type KeyState = {
  fingerprint: string
  /** Until then it is left alone; absent or past when it is in use. */
  cooldownUntil?: number | undefined
  /** The provider said: too many calls, or no such key. */
  reason?: 'rate_limit' | 'authentication_error' | undefined
  /** Exact to a quarter of an hour. */
  lastUsedAt?: number | undefined
  /** As its secret says. */
  requestsPerMinute?: number | undefined
}
