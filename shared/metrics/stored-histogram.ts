import { Histogram } from '@prometheus-io/client'
import type { Counters } from './counters.ts'
import { HISTOGRAMS, type HistogramName, histogramOf } from './histogram.ts'

type Sample = { metricName: string; labels: Record<string, string | number>; value: number }

/** A histogram of values that were counted elsewhere: the library's own can only be told of one value after the other. */
export class StoredHistogram extends Histogram {
  private readonly name: string
  private readonly help: string
  private readonly samples: Sample[]

  constructor(name: string, help: string, stored: HistogramName, counters: Counters) {
    super({ name, help, buckets: [...HISTOGRAMS[stored]], registers: [] })
    this.name = name
    this.help = help
    this.samples = samplesOf(name, stored, counters)
  }

  /** What the registry writes down. */
  async getForPromString() {
    return { name: this.name, help: this.help, type: 'histogram', values: this.samples }
  }
}

/** Buckets hold all values up to their bounds. */
function samplesOf(name: string, stored: HistogramName, counters: Counters): Sample[] {
  const { bounds, counts, count, sum } = histogramOf(stored, counters)
  let upTo = 0
  const buckets = bounds.map((le, index) => {
    upTo += counts[index] ?? 0
    return { metricName: `${name}_bucket`, labels: { le }, value: upTo }
  })
  return [
    ...buckets,
    { metricName: `${name}_bucket`, labels: { le: '+Inf' }, value: count },
    { metricName: `${name}_sum`, labels: {}, value: sum },
    { metricName: `${name}_count`, labels: {}, value: count },
  ]
}
