import { css, html, LitElement, nothing } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { ModelChoice } from '#shared/protocol/llm.ts'
import type { NamedVirtualModel, ShownVirtualModel } from '#shared/protocol/model.ts'
import type { HttpCall } from '../../client/http.ts'
import { createApi } from '../api.ts'
import { Attempts } from '../attempts.ts'
import { describeNeeds, STRATEGIES } from '../virtual-model-draft.ts'
import './confirm-action.ts'
import './error-notice.ts'
import { sharedStyles } from './shared-styles.ts'
import './virtual-model-form.ts'

/** Models that are rules: made, changed and removed. Fires `rules-change` when there is something else to show. */
export class VirtualModels extends LitElement {
  static override properties = { token: { attribute: false }, rules: { attribute: false }, draft: { state: true } }
  static override styles = [
    sharedStyles,
    css`
      :host { display: grid; gap: 0.75rem; grid-template-columns: minmax(0, 1fr); }
      .head { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; justify-content: space-between; align-items: center; }
      ul { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: minmax(0, 1fr); gap: 0.75rem; }
      li.card { padding: 0.75rem 1rem; display: grid; gap: 0.25rem; }
      ol { margin: 0; padding-left: 1.25rem; overflow-wrap: anywhere; }
      .actions { display: flex; flex-wrap: wrap; gap: 0.25rem; margin-left: -0.625rem; }
    `,
  ]

  declare token: string
  declare rules: readonly ShownVirtualModel[]
  /** What is being written: a new one, or another one of a name. */
  declare draft: { rule?: NamedVirtualModel } | undefined
  #attempts = new Attempts(this)

  protected override render(): unknown {
    const { busy, error } = this.#attempts
    return html`
      <div class="head">
        <h2>Virtual models</h2>
        ${this.draft ? nothing : html`<button id="new" class="small" @click=${() => this.#open({})}>New virtual model</button>`}
      </div>
      <p class="small soft">
        Rules with a name: an agent asks for <code>virtual</code> and the name, and the rule says which model answers. The others stand by, should it fail. A change counts after
        a minute at the latest.
      </p>
      <error-notice .error=${error} ?hidden=${error === undefined}></error-notice>
      ${this.draft && !this.draft.rule ? this.#form(undefined) : nothing}
      ${this.rules.length === 0 && !this.draft ? html`<p class="small soft">There are none.</p>` : nothing}
      <ul aria-label="Virtual models">${repeat(
        this.rules,
        ({ name }) => name,
        (rule) =>
          html`<li class=${this.draft?.rule === rule ? '' : 'card'}>${this.draft?.rule === rule ? this.#form(rule) : this.#rule(rule, busy)}</li>`,
      )}</ul>
    `
  }

  #form(rule: NamedVirtualModel | undefined): unknown {
    return html`
      <virtual-model-form .rule=${rule} .taken=${this.rules.flatMap(({ name, builtIn }) => (builtIn ? [] : [name]))} ?busy=${this.#attempts.busy}
        @save=${this.#save} @cancel=${() => this.#close(rule?.name)}></virtual-model-form>
    `
  }

  #rule(rule: ShownVirtualModel, busy: boolean): unknown {
    const { name, strategy, candidates, builtIn } = rule
    const [, order] = STRATEGIES.find(([known]) => known === strategy) ?? []
    const needs = describeNeeds(rule)
    return html`
      <div class="head"><strong>${name}</strong><span class="small soft">${builtIn ? 'built in, ' : nothing}${order}</span></div>
      <ol class="small">${candidates.map((candidate) => html`<li>${nameOf(candidate)}</li>`)}</ol>
      ${needs === '' ? nothing : html`<p class="small soft">Only a model that ${needs}</p>`}
      ${builtIn ? html`<p class="small">${nowOf(builtIn)}</p>` : nothing}
      <div class="actions">
        <button class="quiet small" data-change=${name} aria-label="Change ${name}" @click=${() => this.#open({ rule })}>Change</button>
        ${
          builtIn
            ? nothing
            : html`
              <confirm-action label="Remove" question="Remove ${name}? Agents that use it are not answered any more." ?busy=${busy}
                @confirmed=${() => this.#call(name, { method: 'DELETE' })}></confirm-action>
            `
        }
      </div>
    `
  }

  #save({ detail: { name, ...rule } }: CustomEvent<NamedVirtualModel>): Promise<void> {
    return this.#call(name, { method: 'PUT', body: rule })
  }

  /** What was written stays when it is refused. */
  #call(name: string, call: HttpCall): Promise<void> {
    return this.#attempts.run(async (signal) => {
      await createApi(this.token)(`/v1/virtual-models/${encodeURIComponent(name)}`, { ...call, signal })
      this.#close(name)
      this.dispatchEvent(new Event('rules-change'))
    })
  }

  #open(draft: { rule?: NamedVirtualModel }): void {
    this.#attempts.show(undefined)
    this.draft = draft
  }

  /** The focus goes back to where it came from. */
  #close(name: string | undefined): void {
    this.draft = undefined
    const button = (place: string) => this.renderRoot.querySelector<HTMLElement>(place)
    void this.updateComplete.then(() => (button(`[data-change="${name}"]`) ?? button('#new'))?.focus())
  }
}

/** Which model a built-in rule comes to. */
function nowOf({ now, reason = 'There is no model for it now.' }: NonNullable<ShownVirtualModel['builtIn']>): unknown {
  return now ? html`Now: ${nameOf(now)}` : html`<span class="soft">${reason}</span>`
}

const nameOf = ({ provider, model, service }: ModelChoice): unknown =>
  html`<code>${provider}</code> ${model}${service === undefined ? nothing : html` <span class="soft">with the key of ${service}</span>`}`

customElements.define('virtual-models', VirtualModels)
