import { describe, expect, it } from 'vitest'
import { callDurations, MAX_NAMED_MODELS } from '#shared/metrics/call-durations.ts'
import { embeddedMetrics } from '#shared/metrics/embedded-metrics.ts'

/** Lines that a container writes, as CloudWatch reads them. */
function written() {
  const lines: Record<string, unknown>[] = []
  const tell = callDurations(embeddedMetrics('prod', { now: () => 0, write: (line) => lines.push(JSON.parse(line)) }))
  const took = (model: string, durationMs: number) => tell({ provider: 'openai', model }, durationMs)
  return { lines, took }
}

describe('callDurations', () => {
  it('tells how long a call took, in seconds, with its provider and model as dimensions', () => {
    const { lines, took } = written()

    took('gpt-4.1', 1_250)

    expect(lines).toMatchObject([
      {
        _aws: { CloudWatchMetrics: [{ Dimensions: [['stage', 'provider', 'model']] }] },
        ...{ stage: 'prod', provider: 'openai', model: 'gpt-4.1', gen_ai_client_operation_duration_seconds: 1.25 },
      },
    ])
  })

  it('names so many models and no more, since callers choose the names', () => {
    const { lines, took } = written()

    for (let each = 0; each < 2 * MAX_NAMED_MODELS; each++) took(`model-${each}`, 1)
    took('model-0', 1)

    expect(new Set(lines.map(({ model }) => model)).size).toBe(MAX_NAMED_MODELS + 1)
    expect(lines.at(-2)).toMatchObject({ model: 'other' })
    expect(lines.at(-1)).toMatchObject({ model: 'model-0' })
  })
})
