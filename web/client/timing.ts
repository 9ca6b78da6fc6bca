/** Deadlines and pauses, all in milliseconds. */
export interface Timing {
  /** An HTTP call. */
  requestMs: number
  /** From the ticket to an open socket. */
  dialMs: number
  /** From `subscribe` to its confirmation; the socket counts as dead afterwards. */
  confirmMs: number
  /** Between pings: API Gateway drops a socket that is silent for ten minutes. */
  pingMs: number
  /** From a ping to any frame; the socket counts as dead afterwards. */
  pongMs: number
  /** How long a missing sequence may stay missing before the channel is read again from the cursor. */
  gapMs: number
  /** Silence of a running execution before the channel is read again from the cursor; doubles while nothing comes. */
  stallMs: number
  /** The same for a topic, which is quiet by nature. */
  quietTopicMs: number
  /** Age at which a socket is replaced: API Gateway cuts it after two hours. */
  maxAgeMs: number
  /** Upper bound of the first pause before a new attempt; doubles, drawn with full jitter. */
  backoffMs: number
  backoffCapMs: number
}

export const DEFAULT_TIMING: Timing = {
  requestMs: 30_000,
  dialMs: 10_000,
  confirmMs: 15_000,
  pingMs: 5 * 60_000,
  pongMs: 10_000,
  gapMs: 1_000,
  stallMs: 10_000,
  quietTopicMs: 4 * 60_000,
  maxAgeMs: 110 * 60_000,
  backoffMs: 300,
  backoffCapMs: 15_000,
}

/**
 * Pause before attempt `failures` + 1: exponential with full jitter, so that clients of a restarted server do not come back
 * in step (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 */
export function backoffDelay(failures: number, timing: Timing): number {
  return Math.random() * Math.min(timing.backoffCapMs, timing.backoffMs * 2 ** failures)
}
