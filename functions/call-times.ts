import { callDurations } from '#shared/metrics/call-durations.ts'
import { stdoutMetrics } from '#shared/metrics/embedded-metrics.ts'
import type { CallTimes } from '#shared/models/model-call.ts'

/** Metrics of the calls of models that a function makes; loaded with the first that has ended. */
export function callTimes(stage: string): CallTimes {
  const tell = callDurations(stdoutMetrics(stage))
  return async (called, durationMs) => tell(called, durationMs)
}
