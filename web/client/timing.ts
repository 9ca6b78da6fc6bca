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
  /** Silence of a running execution before its status is asked and the channel is read again from the cursor; doubles while nothing comes. */
  stallMs: number
  /** The same for a topic, which is quiet by nature. */
  quietTopicMs: number
  /** Age at which a socket is replaced: API Gateway cuts it after two hours. */
  maxAgeMs: number
  /** Upper bound of the first pause before a new attempt; doubles, drawn with full jitter. */
  backoffMs: number
  backoffCapMs: number
  /** Silence of an event stream, which has a comment every 15 seconds; it counts as dead afterwards. */
  silenceMs: number
  /** Between pages while something comes; doubles up to the cap while nothing does. */
  pollMs: number
  pollCapMs: number
  /** Time of reading pages before the event stream is tried again. */
  pollingMs: number
  /** How long before its token ends a socket is authenticated again, at most; a fifth of what is left when that is less. */
  renewalMs: number
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
  silenceMs: 40_000,
  pollMs: 1_000,
  pollCapMs: 5_000,
  pollingMs: 60_000,
  renewalMs: 60_000,
}

/**
 * Pause before attempt `failures` + 1: exponential with full jitter, so that clients of a restarted server do not come back
 * in step (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 */
export function backoffDelay(failures: number, timing: Timing): number {
  return Math.random() * Math.min(timing.backoffCapMs, timing.backoffMs * 2 ** failures)
}

/** Resolves after a while, or as soon as the signal is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (signal.aborted) resolve()
  const timer = setTimeout(resolve, ms)
  const onAbort = (): void => resolve()
  signal.addEventListener('abort', onAbort, { once: true })
  return promise.finally(() => {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  })
}
