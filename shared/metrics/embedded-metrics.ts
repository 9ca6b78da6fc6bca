/** A metric of CloudWatch, and its values since the last line. */
export type EmbeddedMetric = { name: string; unit: 'Count' | 'Seconds' | 'None'; values: readonly number[] }

/** Takes metrics that belong together; they never hold up the work that they tell of. */
export type MetricSink = {
  /** @param dimensions - besides the stage; few values each, since every combination is a metric of its own, and paid for */
  put(metrics: readonly EmbeddedMetric[], dimensions?: Readonly<Record<string, string>>): void
}

/** Namespace of all metrics in CloudWatch. */
export const NAMESPACE = 'Sluice'

/** Most values of one metric in one line. Source: CloudWatch, embedded metric format specification. */
const MAX_VALUES = 100

/**
 * Metrics as lines of the log in CloudWatch's embedded metric format, which needs no call and no permission. Written past the console: with JSON
 * logs Lambda would wrap the line in one of its own.
 */
export function embeddedMetrics(
  stage: string,
  { now, write }: { now: () => number; write: (line: string) => unknown },
): MetricSink {
  return {
    put(metrics, dimensions = {}) {
      const told = metrics.filter(({ values }) => values.length > 0)
      const length = Math.max(0, ...told.map(({ values }) => values.length))
      for (let first = 0; first < length; first += MAX_VALUES) {
        const part = told.map((metric) => ({ ...metric, values: metric.values.slice(first, first + MAX_VALUES) }))
        write(`${lineOf(part, { stage, ...dimensions }, now())}\n`)
      }
    },
  }
}

function lineOf(metrics: readonly EmbeddedMetric[], dimensions: Record<string, string>, time: number): string {
  const told = metrics.filter(({ values }) => values.length > 0)
  return JSON.stringify({
    _aws: {
      Timestamp: time,
      CloudWatchMetrics: [
        {
          Namespace: NAMESPACE,
          Dimensions: [Object.keys(dimensions)],
          Metrics: told.map(({ name, unit }) => ({ Name: name, Unit: unit })),
        },
      ],
    },
    ...dimensions,
    ...Object.fromEntries(told.map(({ name, values }) => [name, values.length === 1 ? values[0] : values])),
  })
}

/** Metrics of a function. */
export const stdoutMetrics = (stage: string): MetricSink =>
  embeddedMetrics(stage, { now: Date.now, write: (line) => process.stdout.write(line) })

/** Where metrics are switched off. */
export const noMetrics: MetricSink = { put: () => undefined }
