/**
 * Deadlines of a call to AWS, for every client: the SDK itself would wait for ever. Milliseconds; a call is tried three times, with
 * back-off between.
 */
export const AWS_CLIENT_CONFIG = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
}
