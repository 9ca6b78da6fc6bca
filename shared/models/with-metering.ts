import type { LlmProvider, LlmUsage } from '#shared/llm/llm-provider.ts'
import type { Clock } from '#shared/platform/clock.ts'

/** The figures of one call. */
export type Measurement = {
  /** From the request to the first text, thought or tool call; undefined when there was none. */
  firstTokenMs: number | undefined
  /** From the request to the end or the failure; undefined when the caller gave up. */
  durationMs: number | undefined
  failed: boolean
  /** Undefined when the price is not known, or the model did not report its usage. */
  costMicroUsd: number | undefined
}

export type MeteringOptions = {
  /** Undefined when the price is not known. */
  costOf(usage: LlmUsage): number | undefined
  measured(measurement: Measurement): Promise<void>
  clock: Clock
}

/** Adds the cost to `usage` events, and measures how long the model took for its first word and for the whole answer. */
export function withMetering(provider: LlmProvider, { costOf, measured, clock }: MeteringOptions): LlmProvider {
  return {
    async *stream(request, signal) {
      const began = clock.now()
      const measurement: Measurement = { firstTokenMs: undefined, durationMs: undefined, failed: false, costMicroUsd: undefined }
      try {
        for await (const event of provider.stream(request, signal)) {
          if (event.type === 'usage') {
            const costMicroUsd = event.costMicroUsd ?? costOf(event)
            measurement.costMicroUsd = costMicroUsd
            yield { ...event, ...(costMicroUsd !== undefined && { costMicroUsd }) }
            continue
          }
          if (event.type === 'text' || event.type === 'thinking' || event.type === 'tool_call')
            measurement.firstTokenMs ??= clock.now() - began
          yield event
        }
        measurement.durationMs = clock.now() - began
      } catch (error) {
        // A call that its caller gave up did not fail.
        measurement.failed = !signal.aborted
        if (measurement.failed) measurement.durationMs = clock.now() - began
        throw error
      } finally {
        await measured(measurement)
      }
    },
  }
}
