import * as z from 'zod'
import { errorCodeSchema } from './problem.ts'

/** Longest execution, in seconds: half a day, so that its log, which is kept for a day, still holds its beginning. */
export const MAX_TIMEOUT_SECONDS = 43_200

/** Longest execution, all attempts and the pauses between them together. */
export const timeoutSecondsSchema = z.int().min(1).max(MAX_TIMEOUT_SECONDS)

/** When a failed attempt is made again, and how often. */
export const retryPolicySchema = z.strictObject({
  /** Attempts in all. */
  maxAttempts: z.int().min(1).max(20),
  /** Ceiling of the pause before the second attempt; it doubles with every further one, and the pause is a random part of it. */
  backoffSeconds: z.number().min(0).max(86_400),
  /** Error codes after which there is another attempt; every code that may pass when absent. Permanent errors are never retried. */
  retryOnErrors: z.array(errorCodeSchema).max(50).optional(),
})

export type RetryPolicy = z.infer<typeof retryPolicySchema>
