import type { StreamEvent } from '#shared/protocol/stream-event.ts'

/** Samples that are kept: the last ones. */
const MAX_SAMPLES = 100

export interface LatencyLog {
  readonly samples: readonly number[]
  /** The events of one frame were applied. */
  add(events: readonly StreamEvent[]): void
}

/**
 * From the time at which the server made the last event of a frame to its application, in milliseconds, as the two clocks see it. What
 * is older than the log itself is a replay and says nothing.
 */
export function createLatencyLog(): LatencyLog {
  const began = Date.now()
  let samples: readonly number[] = []
  return {
    get samples() {
      return samples
    },
    add(events) {
      const time = Date.parse(events.at(-1)?.time ?? '')
      if (time >= began) samples = [...samples, Math.max(0, Date.now() - time)].slice(-MAX_SAMPLES)
    },
  }
}
