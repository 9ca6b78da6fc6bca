import { css, html, LitElement, nothing } from 'lit'
import type { ProviderView } from '#shared/protocol/provider.ts'
import { shownSpend } from '../dollars.ts'
import './hours-plot.ts'
import { sharedStyles } from './shared-styles.ts'

const BREAKER: Record<ProviderView['breaker']['state'], string> = {
  closed: 'in use',
  half_open: 'on trial after failures',
  open: 'left alone after failures',
}
const REASONS = { rate_limit: 'too many calls', authentication_error: 'refused by the provider' } as const

/** A provider of models: its keys, whether it is called, how it did in the last day, what it cost. */
export class ProviderCard extends LitElement {
  static override properties = { provider: { attribute: false } }
  static override styles = [
    sharedStyles,
    css`
      article { padding: 1rem; display: grid; gap: 0.75rem; min-width: 0; }
      .head { display: flex; flex-wrap: wrap; gap: 0 1rem; align-items: baseline; justify-content: space-between; }
      .good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); }
      dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(7.5rem, 1fr)); gap: 0.5rem 1rem; margin: 0; }
      dt { color: var(--ink-soft); } dd { margin: 0; font-variant-numeric: tabular-nums; font-weight: 550; }
      ul { list-style: none; margin: 0; padding: 0; display: grid; gap: 0.25rem; }
      li { display: flex; flex-wrap: wrap; gap: 0 1rem; justify-content: space-between; }
      .plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(16rem, 100%), 1fr)); gap: 0.75rem; }
    `,
  ]

  declare provider: ProviderView

  protected override render(): unknown {
    const { provider, service, secret, keys, breaker, latency, spend } = this.provider
    const tone = { closed: 'good', half_open: 'warn', open: 'bad' }[breaker.state]
    return html`
      <article class="card" data-provider=${provider}>
        <div class="head">
          <h2>${provider}${service === provider ? nothing : html` <span class="soft">${service}</span>`}</h2>
          <span class="small ${tone}">${breaker.model ? `${breaker.model}: ` : nothing}${BREAKER[breaker.state]}${breaker.openUntil ? ` until ${time(breaker.openUntil)}` : nothing}</span>
        </div>
        ${secret ? html`<p class="small ${secret.status === 'present' ? 'soft' : 'bad'}"><code>${secret.name}</code> ${secret.status}</p>` : nothing}
        <dl class="small">
          <div><dt>Calls, 24 h</dt><dd>${count.format(latency.calls)}</dd></div>
          <div><dt>Failed</dt><dd class=${latency.errors > 0 ? 'bad' : ''}>${count.format(latency.errors)}</dd></div>
          <div><dt>First token, p50</dt><dd>${milliseconds(latency.p50Ms)}</dd></div>
          <div><dt>First token, p90</dt><dd>${milliseconds(latency.p90Ms)}</dd></div>
          <div><dt>Spent today</dt><dd>${shownSpend(spend)}</dd></div>
        </dl>
        ${this.#keys(keys)}
        ${
          latency.hours.length === 0
            ? nothing
            : html`
              <div class="plots">
                <hours-plot label="First token, p50 (ms)" .hours=${latency.hours.map(({ time, p50Ms }) => ({ time, value: p50Ms }))}></hours-plot>
                <hours-plot label="Calls that failed" .hours=${latency.hours.map(({ time, errors }) => ({ time, value: errors }))}></hours-plot>
              </div>
            `
        }
      </article>
    `
  }

  #keys(keys: ProviderView['keys']): unknown {
    if (keys.length === 0) return nothing
    const now = Date.now()
    return html`
      <ul class="small" aria-label="Keys">${keys.map(({ fingerprint, cooldownUntil, reason, lastUsedAt, requestsPerMinute }) => {
        const rests = cooldownUntil !== undefined && Date.parse(cooldownUntil) > now
        return html`
          <li>
            <span>Key <code>${fingerprint}</code>${requestsPerMinute ? html` <span class="soft">${requestsPerMinute} a minute</span>` : nothing}</span>
            ${
              rests
                ? html`<span class="warn">rests until ${time(cooldownUntil)}: ${reason ? REASONS[reason] : 'for a while'}</span>`
                : html`<span class="soft">${lastUsedAt ? `used ${time(lastUsedAt)}` : 'not used yet'}</span>`
            }
          </li>
        `
      })}</ul>
    `
  }
}

const count = new Intl.NumberFormat()
const time = (at: string): string => new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
const milliseconds = (value: number | undefined): string => (value === undefined ? '–' : `${count.format(Math.round(value))} ms`)

customElements.define('provider-card', ProviderCard)
