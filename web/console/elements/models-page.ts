import { css, html, LitElement, nothing, type PropertyValues } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { BudgetState } from '#shared/protocol/budget.ts'
import type { ShownVirtualModel } from '#shared/protocol/model.ts'
import type { ProviderList } from '#shared/protocol/provider.ts'
import { createApi } from '../api.ts'
import { Attempts } from '../attempts.ts'
import { dollars } from '../dollars.ts'
import './error-notice.ts'
import './provider-card.ts'
import { sharedStyles } from './shared-styles.ts'
import './virtual-models.ts'

/** Providers of models with their keys, breakers and latencies, models that are rules, and what may be spent. */
export class ModelsPage extends LitElement {
  static override properties = {
    token: { attribute: false },
    providers: { state: true },
    virtualModels: { state: true },
    budgets: { state: true },
  }
  static override styles = [
    sharedStyles,
    css`
      .column { max-width: 56rem; }
      .top { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: end; justify-content: space-between; }
      .top > div { flex: 1 1 20rem; }
      ul { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: minmax(0, 1fr); gap: 0.75rem; }
      li.budget { padding: 0.75rem 1rem; display: grid; gap: 0.375rem; }
      .head { display: flex; flex-wrap: wrap; gap: 0 1rem; justify-content: space-between; align-items: baseline; }
      meter { width: 100%; height: 0.75rem; }
      .over { color: var(--bad); }
      .empty { padding: 2rem 1.25rem; display: grid; gap: 0.5rem; text-align: center; }
    `,
  ]

  declare token: string
  declare providers: ProviderList['providers'] | undefined
  declare virtualModels: ShownVirtualModel[] | undefined
  declare budgets: BudgetState[] | undefined
  #attempts = new Attempts(this)

  /** An element that was there before its module has its properties with the first update. */
  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('token')) void this.#show()
  }

  #show(): Promise<void> {
    return this.#attempts.run(async (signal) => {
      const api = createApi(this.token)
      const [{ providers }, { virtualModels }, { budgets }] = await Promise.all([
        api<ProviderList>('/v1/providers', { signal }),
        api<{ virtualModels: ShownVirtualModel[] }>('/v1/virtual-models', { signal }),
        api<{ budgets: BudgetState[] }>('/v1/budgets', { signal }),
      ])
      this.providers = providers
      this.virtualModels = virtualModels
      this.budgets = budgets
    })
  }

  protected override render(): unknown {
    const { busy, error } = this.#attempts
    return html`
      <div class="column">
        <div class="top">
          <div>
            <h1>Models</h1>
            <p class="soft">Who answers, with whose keys, how fast, and what it costs. Keys are in Secrets Manager; only their fingerprints are here.</p>
          </div>
          <button ?disabled=${busy} @click=${this.#show}>Refresh</button>
        </div>
        <error-notice .error=${error} retryable @retry=${this.#show} ?hidden=${error === undefined}></error-notice>
        ${this.providers ? this.#list(this.providers) : error === undefined ? html`<p class="soft" role="status">Reading…</p>` : nothing}
        ${
          this.virtualModels
            ? html`<virtual-models .token=${this.token} .rules=${this.virtualModels} @rules-change=${this.#show}></virtual-models>`
            : nothing
        }
        ${this.budgets ? this.#budgets(this.budgets) : nothing}
      </div>
    `
  }

  #list(providers: ProviderList['providers']): unknown {
    if (providers.length === 0) {
      return html`
        <div class="card empty">
          <h2>No provider yet</h2>
          <p class="soft">Agents name their provider; <code>npx sluice keys set openai</code> stores its key.</p>
        </div>
      `
    }
    return html`
      <ul>${repeat(
        providers,
        ({ provider, service }) => `${provider}/${service}`,
        (provider) => html`<li><provider-card .provider=${provider}></provider-card></li>`,
      )}</ul>
    `
  }

  #budgets(budgets: BudgetState[]): unknown {
    return html`
      <h2>Budgets</h2>
      ${budgets.length === 0 ? html`<p class="small soft">None: nothing limits what is spent. <code>npx sluice budgets set</code> makes one.</p>` : nothing}
      <ul aria-label="Budgets">${repeat(
        budgets,
        ({ budgetId }) => budgetId,
        (budget) => this.#budget(budget),
      )}</ul>
    `
  }

  #budget({ budgetId, scope, period, action, limitMicroUsd, spentMicroUsd, warnAtPercent }: BudgetState): unknown {
    const share = spentMicroUsd / limitMicroUsd
    const whose = scope.agentId ? `agent ${scope.agentId}` : (scope.source ?? 'everybody')
    return html`
      <li class="card budget">
        <div class="head">
          <strong>${budgetId}</strong>
          <span class="small ${share >= 1 ? 'over' : 'soft'}">${dollars(spentMicroUsd)} of ${dollars(limitMicroUsd)} this ${period}</span>
        </div>
        <meter min="0" max="1" low=${warnAtPercent / 100} high=${Math.min(0.999, (warnAtPercent + 100) / 200)} optimum="0" value=${Math.min(1, share)}
          aria-label="Spent of ${budgetId}"></meter>
        <p class="small soft">${whose} · ${action === 'stop' ? 'calls stop when it is spent' : 'tells when it is spent'}</p>
      </li>
    `
  }
}

customElements.define('models-page', ModelsPage)
