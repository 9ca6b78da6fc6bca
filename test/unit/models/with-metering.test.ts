import { describe, expect, it } from 'vitest'
import type { LlmEvent, LlmProvider, LlmUsage } from '#shared/llm/llm-provider.ts'
import { type Measurement, withMetering } from '#shared/models/with-metering.ts'
import { llmRequest, never, outcomeOf } from '../../helpers/llm.ts'
import { providerError } from '../../helpers/model-calls.ts'

const usage = (inputTokens: number): LlmEvent => ({ type: 'usage', inputTokens, outputTokens: 1 })
const text: LlmEvent = { type: 'text', text: 'Hello' }

/** A model that takes 40 ms before each event, and what its calls were measured as. */
function metered(events: LlmEvent[], error?: Error, costOf = ({ inputTokens }: LlmUsage): number | undefined => inputTokens * 2) {
  let now = 0
  const measurements: Measurement[] = []
  const provider: LlmProvider = {
    async *stream() {
      for (const event of events) {
        now += 40
        yield event
      }
      if (error) throw error
    },
  }
  const measured = async (measurement: Measurement): Promise<void> => {
    measurements.push(measurement)
  }
  return { provider: withMetering(provider, { costOf, measured, clock: { now: () => now } }), measurements }
}

describe('withMetering', () => {
  it('says what a call costs, and takes the time to its first word', async () => {
    const { provider, measurements } = metered([
      { type: 'state', state: { provider: 'scripted', value: 1 } },
      text,
      text,
      usage(10),
    ])

    const { events } = await outcomeOf(provider.stream(llmRequest('Hi'), never()))

    expect(events.at(-1)).toEqual({ type: 'usage', inputTokens: 10, outputTokens: 1, costMicroUsd: 20 })
    expect(measurements).toEqual([{ firstTokenMs: 80, durationMs: 160, failed: false, costMicroUsd: 20 }])
  })

  it('counts the last usage of a call that tells it again and again', async () => {
    const { provider, measurements } = metered([text, usage(10), usage(12)])

    await outcomeOf(provider.stream(llmRequest('Hi'), never()))

    expect(measurements).toEqual([{ firstTokenMs: 40, durationMs: 120, failed: false, costMicroUsd: 24 }])
  })

  it('says no cost where there is no price', async () => {
    const { provider } = metered([usage(10)], undefined, () => undefined)

    const { events } = await outcomeOf(provider.stream(llmRequest('Hi'), never()))

    expect(events).toEqual([usage(10)])
  })

  it('counts a failure, and none of a caller who has gone', async () => {
    const failing = metered([usage(10)], providerError('provider_error'), () => undefined)
    const left = metered([], providerError('cancelled'))

    await outcomeOf(failing.provider.stream(llmRequest('Hi'), never()))
    await outcomeOf(left.provider.stream(llmRequest('Hi'), AbortSignal.abort()))

    expect(failing.measurements).toEqual([{ firstTokenMs: undefined, durationMs: 40, failed: true, costMicroUsd: undefined }])
    expect(left.measurements).toEqual([
      { firstTokenMs: undefined, durationMs: undefined, failed: false, costMicroUsd: undefined },
    ])
  })

  it('measures a call that its reader leaves', async () => {
    const { provider, measurements } = metered([text, text])

    for await (const _ of provider.stream(llmRequest('Hi'), never())) break

    expect(measurements).toEqual([{ firstTokenMs: 40, durationMs: undefined, failed: false, costMicroUsd: undefined }])
  })
})
