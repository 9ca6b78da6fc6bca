import type { MetricSink } from './embedded-metrics.ts'
import { METRIC } from './metric-names.ts'

/** Most models that a container names: names are the tenants' to choose, and each is a metric that is paid for. */
export const MAX_NAMED_MODELS = 50

/** What stands for all other models. */
const OTHER = 'other'

/** Tells how long calls of models take, of all tenants together: one line of the log for each, with its provider and its model as dimensions. */
export function callDurations(metrics: MetricSink): (called: { provider: string; model: string }, durationMs: number) => void {
  const named = new Set<string>()
  return ({ provider, model }, durationMs) => {
    const name = JSON.stringify([provider, model])
    if (named.size < MAX_NAMED_MODELS) named.add(name)
    const dimensions = { provider, model: named.has(name) ? model : OTHER }
    metrics.put([{ name: METRIC.modelDuration, unit: 'Seconds', values: [durationMs / 1_000] }], dimensions)
  }
}
