import { toSluiceError } from '#shared/platform/errors.ts'

/** Tries of a write while the table is out of reach, about 15 s in all. What was answered must not be lost to a busy table. */
export const STORE_RETRIES = {
  retries: 7,
  minTimeout: 100,
  maxTimeout: 5_000,
  randomize: true,
  shouldRetry: ({ error }: { error: Error }): boolean => toSluiceError(error).retryable,
}
