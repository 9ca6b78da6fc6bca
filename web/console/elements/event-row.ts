import { css, html, LitElement, nothing } from 'lit'
import type { FactEvent } from '../../client/index.ts'
import { viewOf } from '../fact-view.ts'
import { agentLink } from '../route.ts'
import { timeOfDay } from '../time-of-day.ts'
import { sharedStyles } from './shared-styles.ts'

/** A lifecycle event: when, what, and what it is about; the whole of it on demand. Fires `unfold` before that is shown. */
export class EventRow extends LitElement {
  static override properties = { event: { attribute: false }, open: { state: true } }
  static override styles = [
    sharedStyles,
    css`
      :host { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0 0.5rem; align-items: baseline; padding-block: 0.375rem; }
      .what { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 0.75rem; }
      time { font-variant-numeric: tabular-nums; }
      .type { font-weight: 600; overflow-wrap: anywhere; }
      .bad { color: var(--bad); }
      .facts { grid-column: 1 / -1; display: flex; flex-wrap: wrap; gap: 0 0.875rem; overflow-wrap: anywhere; min-width: 0; }
      pre { grid-column: 1 / -1; margin: 0.375rem 0 0.25rem; padding: 0.625rem 0.75rem; background: var(--sunken); border-radius: 0.5rem;
        white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.5; }
      button.quiet { min-height: 2rem; padding-block: 0.25rem; }
    `,
  ]

  declare event: FactEvent
  declare open: boolean

  constructor() {
    super()
    this.open = false
  }

  protected override render(): unknown {
    const { type, time } = this.event.data
    const { agentId, hasPage, subjects, error, isBad } = viewOf(this.event)
    const label = this.open ? 'Less' : 'More'
    return html`
      <p class="what">
        <time class="small soft" datetime=${time} title=${time}>${timeOfDay(time)}</time>
        <span class="type ${isBad ? 'bad' : ''}">${type}</span>
        ${error ? html`<code class="bad">${error.code}</code>` : nothing}
      </p>
      <button class="quiet small" aria-expanded=${this.open} aria-label="${label} about ${type}" @click=${this.#toggle}>${label}</button>
      <p class="facts small soft">
        ${agentId === undefined ? nothing : html`<span>agent ${hasPage ? html`<a href=${agentLink(agentId)}>${agentId}</a>` : agentId}</span>`}
        ${subjects.map(({ name, value }) => html`<span>${name} ${value}</span>`)}
      </p>
      ${error?.detail ? html`<p class="facts small">${error.detail}</p>` : nothing}
      ${this.open ? html`<pre>${JSON.stringify(this.event.data, null, 2)}</pre>` : nothing}
    `
  }

  #toggle(): void {
    this.open = !this.open
    if (this.open) this.dispatchEvent(new Event('unfold', { bubbles: true }))
  }
}

customElements.define('event-row', EventRow)
