import { describe, expect, it } from 'vitest'
import { type EmbeddedMetric, embeddedMetrics } from '#shared/metrics/embedded-metrics.ts'

function told(metrics: EmbeddedMetric[], dimensions?: Record<string, string>) {
  const lines: string[] = []
  embeddedMetrics('prod', { now: () => 1_795_253_400_000, write: (line) => lines.push(line) }).put(metrics, dimensions)
  return lines.map((line) => JSON.parse(line))
}

describe('embeddedMetrics', () => {
  it('writes one line in the embedded metric format', () => {
    const [line, ...more] = told(
      [
        { name: 'errors', unit: 'Count', values: [] },
        { name: 'requests', unit: 'Count', values: [3] },
        { name: 'duration', unit: 'Seconds', values: [0.5, 2] },
      ],
      { operation: 'getAgent' },
    )

    expect(line).toEqual({
      _aws: {
        Timestamp: 1_795_253_400_000,
        CloudWatchMetrics: [
          {
            Namespace: 'Sluice',
            Dimensions: [['stage', 'operation']],
            Metrics: [
              { Name: 'requests', Unit: 'Count' },
              { Name: 'duration', Unit: 'Seconds' },
            ],
          },
        ],
      },
      stage: 'prod',
      operation: 'getAgent',
      requests: 3,
      duration: [0.5, 2],
    })
    expect(more).toEqual([])
  })

  it('writes nothing of nothing', () => {
    expect(told([{ name: 'errors', unit: 'Count', values: [] }])).toEqual([])
  })

  it('puts at most a hundred values into a line, each once', () => {
    const lines = told([
      { name: 'duration', unit: 'Seconds', values: Array.from({ length: 150 }, (_, index) => index) },
      { name: 'requests', unit: 'Count', values: [3] },
    ])

    expect(lines.map(({ duration }) => duration.length)).toEqual([100, 50])
    expect(lines.map(({ requests }) => requests)).toEqual([3, undefined])
  })
})
