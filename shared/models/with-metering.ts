import type { LlmProvider, LlmUsage } from '#shared/llm/llm-provider.ts'
import type { Clock } from '#shared/platform/clock.ts'

/** What one call came to. */
export type Measurement = {
  /** From the request to the first text, thinking or call of a tool; undefined when there was none. */
  firstTokenMs: number | undefined
  /** From the request to its end, good or bad; undefined when the caller gave it up. */
  durationMs: number | undefined
  failed: boolean
  /** Undefined when the model has no price, or has not said what it used. */
  costMicroUsd: number | undefined
}

export type MeteringOptions = {
  /** Undefined when the model has no price. */
  costOf(usage: LlmUsage): number | undefined
  measured(measurement: Measurement): Promise<void>
  clock: Clock
}

/** Says what a call costs, and how long the model took for its first word and for all of them. */
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
        // Whoever gives up a call does not say that it failed.
        measurement.failed = !signal.aborted
        if (measurement.failed) measurement.durationMs = clock.now() - began
        throw error
      } finally {
        await measured(measurement)
      }
    },
  }
}
