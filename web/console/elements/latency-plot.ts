import { css, html, LitElement, type PropertyValues, unsafeCSS } from 'lit'
import type uPlot from 'uplot'
import plotStyles from 'uplot/dist/uPlot.min.css?inline'
import { sharedStyles } from './shared-styles.ts'

const HEIGHT = 96

/** Milliseconds from an event's time to the page, sample by sample. The plot is loaded with the first samples. */
export class LatencyPlot extends LitElement {
  static override properties = { samples: { attribute: false } }
  static override styles = [
    unsafeCSS(plotStyles),
    sharedStyles,
    css`
      :host { display: block; min-width: 0; }
      .plot { height: ${HEIGHT}px; }
    `,
  ]

  /** In milliseconds, the oldest first. */
  declare samples: readonly number[]
  #plot: uPlot | undefined
  #loading: Promise<void> | undefined
  #resize = new ResizeObserver(([entry]) => {
    if (entry) this.#plot?.setSize({ width: entry.contentRect.width, height: HEIGHT })
  })

  constructor() {
    super()
    this.samples = []
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#resize.disconnect()
    this.#plot?.destroy()
    this.#plot = undefined
    this.#loading = undefined
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (!changed.has('samples') || this.samples.length === 0) return
    this.#loading ??= this.#draw()
    this.#plot?.setData(dataOf(this.samples))
  }

  async #draw(): Promise<void> {
    const { default: Plot } = await import('uplot')
    const place = this.renderRoot.querySelector<HTMLElement>('.plot')
    if (!place || !this.isConnected) return
    const color = (name: string): string => getComputedStyle(this).getPropertyValue(name)
    const axis = { stroke: () => color('--ink-soft'), grid: { stroke: () => color('--line') }, ticks: { show: false } }
    this.#plot = new Plot(
      {
        width: place.clientWidth,
        height: HEIGHT,
        legend: { show: false },
        cursor: { show: false },
        scales: { x: { time: false }, y: { range: (_plot, _min, max) => [0, Math.max(50, max)] } },
        axes: [
          { ...axis, show: false },
          { ...axis, size: 56, space: 24, values: (_plot, values) => values.map((value) => `${value} ms`) },
        ],
        // A line needs two samples; a single one is a point.
        series: [{}, { stroke: () => color('--accent'), width: 1.5, points: { show: (plot) => plot.data[0].length === 1 } }],
      },
      dataOf(this.samples),
      place,
    )
    this.#resize.observe(place)
  }

  protected override render(): unknown {
    return html`<div class="plot" role="img" aria-label=${summaryOf(this.samples)}></div>`
  }
}

const dataOf = (samples: readonly number[]): uPlot.AlignedData => [samples.map((_sample, index) => index), [...samples]]

/** What the plot shows, in words. */
export function summaryOf(samples: readonly number[]): string {
  if (samples.length === 0) return 'No events yet'
  const sorted = samples.toSorted((one, other) => one - other)
  const at = (share: number): number => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)
  return `Delay of ${samples.length} frames: median ${at(0.5)} ms, slowest ${at(1)} ms`
}

customElements.define('latency-plot', LatencyPlot)
