import { css, html, LitElement, svg } from 'lit'
import { sharedStyles } from './shared-styles.ts'

/** A value of one hour; undefined where there was nothing to measure. */
export interface Hour {
  time: string
  value: number | undefined
}

const HOUR_MS = 3_600_000
const HOURS = 24
const HEIGHT = 64
const SLOT = 10

/** A bar for each of the last 24 hours. A table says the same to those who do not see it. */
export class HoursPlot extends LitElement {
  static override properties = { label: {}, hours: { attribute: false } }
  static override styles = [
    sharedStyles,
    css`
      :host { display: block; min-width: 0; }
      figure { margin: 0; display: grid; gap: 0.25rem; }
      svg { width: 100%; height: ${HEIGHT}px; background: var(--sunken); border-radius: 0.375rem; }
      rect { fill: var(--accent); }
      .range { display: flex; justify-content: space-between; }
    `,
  ]

  declare label: string
  declare hours: readonly Hour[]

  protected override render(): unknown {
    const bars = barsOf(this.hours, Date.now())
    const highest = Math.max(0, ...bars.map((value) => value ?? 0))
    return html`
      <figure>
        <figcaption class="small soft range"><span>${this.label}</span><span>at most ${Math.round(highest)}</span></figcaption>
        <svg viewBox="0 0 ${HOURS * SLOT} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label=${describeHours(this.label, bars)}>
          ${bars.map((value, index) => bar(value, index, highest))}
        </svg>
        <div class="small soft range" aria-hidden="true"><span>24 h ago</span><span>now</span></div>
      </figure>
    `
  }
}

/** Values of the last hours, the oldest first. */
export function barsOf(hours: readonly Hour[], now: number): (number | undefined)[] {
  const last = Math.floor(now / HOUR_MS)
  const byHour = new Map(hours.map(({ time, value }) => [Math.floor(Date.parse(time) / HOUR_MS), value]))
  return Array.from({ length: HOURS }, (_none, index) => byHour.get(last - HOURS + 1 + index))
}

/** What the bars show, in words. */
export function describeHours(label: string, bars: readonly (number | undefined)[]): string {
  const measured = bars.filter((value) => value !== undefined)
  if (measured.length === 0) return `${label}: nothing in the last 24 hours`
  return `${label}: from ${Math.round(Math.min(...measured))} to ${Math.round(Math.max(...measured))} in ${measured.length} hours`
}

function bar(value: number | undefined, index: number, highest: number): unknown {
  const height = value === undefined || highest === 0 ? 0 : Math.max(value > 0 ? 2 : 0, (value / highest) * (HEIGHT - 4))
  return svg`<rect x=${index * SLOT + 1} y=${HEIGHT - height} width=${SLOT - 2} height=${height} />`
}

customElements.define('hours-plot', HoursPlot)
