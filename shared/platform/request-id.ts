/** What is repeated in headers, logs and records without a second look. */
const SAFE = /^[A-Za-z0-9._~:+/=-]{1,128}$/

/** The caller's name for a request (`X-Request-Id`) where it is a safe one, otherwise ours. */
export const requestIdOf = (given: string | undefined, own: string): string =>
  given !== undefined && SAFE.test(given) ? given : own
