import { css, html, LitElement, type PropertyValues } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { NamedVirtualModel } from '#shared/protocol/model.ts'
import { ABILITIES, MAX_CANDIDATES, newRow, type Row, readRule, rowsOf, STRATEGIES, VENDORS } from '../virtual-model-draft.ts'
import { sharedStyles } from './shared-styles.ts'

/** A rule that is made or changed. Fires `save` with it, and `cancel`. */
export class VirtualModelForm extends LitElement {
  static override properties = {
    rule: { attribute: false },
    taken: { attribute: false },
    busy: { type: Boolean },
    rows: { state: true },
  }
  static override styles = [
    sharedStyles,
    css`
      :host { display: block; }
      form { padding: 1rem; display: grid; gap: 1rem; min-width: 0; }
      .fields { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(11rem, 100%), 1fr)); gap: 0.5rem 0.75rem; }
      .fields > div { display: grid; gap: 0.25rem; align-content: start; }
      select, input:not([type='checkbox']) { height: 2.625rem; }
      fieldset { border: 0; padding: 0; margin: 0; display: grid; gap: 0.5rem; min-width: 0; }
      legend { padding: 0; font-weight: 600; margin-bottom: 0.25rem; }
      ol { margin: 0; padding: 0; list-style: none; display: grid; gap: 0.5rem; }
      ol li { display: grid; grid-template-columns: minmax(7rem, 1fr) minmax(9rem, 2fr) minmax(7rem, 1.25fr) auto; gap: 0.5rem; }
      .row { display: flex; flex-wrap: wrap; gap: 0.5rem; }
      .small-buttons { display: flex; gap: 0.25rem; }
      .small-buttons button { width: 2.5rem; padding: 0; }
      .checks { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; align-items: center; }
      .checks label { display: flex; gap: 0.5rem; align-items: center; font-weight: 400; min-height: 2rem; }
      .checks input[type='checkbox'] { width: 1.125rem; height: 1.125rem; accent-color: var(--accent); }
      @media (max-width: 40rem) {
        ol li { grid-template-columns: minmax(0, 1fr); padding-bottom: 0.75rem; border-bottom: 1px solid var(--line); }
      }
    `,
  ]

  /** The one that is changed; undefined for a new one. */
  declare rule: NamedVirtualModel | undefined
  /** Names that there are. */
  declare taken: readonly string[]
  declare busy: boolean
  declare rows: readonly Row[]

  constructor() {
    super()
    this.taken = []
    this.busy = false
    this.rows = []
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('rule') || this.rows.length === 0) this.rows = this.rule ? rowsOf(this.rule) : [newRow()]
  }

  protected override firstUpdated(): void {
    this.renderRoot.querySelector<HTMLElement>(this.rule ? 'select' : 'input')?.focus()
  }

  protected override render(): unknown {
    const { name = '', strategy, needs = {} } = this.rule ?? {}
    return html`
      <form class="card" aria-label=${this.rule ? `Change ${name}` : 'New virtual model'} @submit=${this.#save}>
        <div class="fields">
          <div>
            <label class="small" for="name">Name</label>
            <input id="name" name="name" required maxlength="64" pattern="[a-z0-9][a-z0-9\\-]*" title="lower-case letters, digits and hyphens" autocomplete="off"
              spellcheck="false" .value=${name} ?readonly=${this.rule !== undefined} @input=${this.#checkName} />
          </div>
          <div>
            <label class="small" for="strategy">Which one is asked</label>
            <select id="strategy" name="strategy">
              ${STRATEGIES.map(([value, label]) => html`<option value=${value} ?selected=${value === strategy}>${label}</option>`)}
            </select>
          </div>
        </div>
        <fieldset>
          <legend class="small">Models</legend>
          <ol>${repeat(
            this.rows,
            (row) => row,
            (row, place) => this.#row(row, place),
          )}</ol>
          <div class="row">
            <button type="button" class="small" ?disabled=${this.rows.length >= MAX_CANDIDATES} @click=${this.#add}>Add a model</button>
          </div>
        </fieldset>
        <fieldset>
          <legend class="small">Only a model that …</legend>
          <div class="checks small">${ABILITIES.map(
            ([ability, label]) =>
              html`<label><input type="checkbox" name=${ability} ?checked=${needs[ability] ?? false} />${label}</label>`,
          )}</div>
          <div class="fields">
            <div>
              <label class="small" for="contextTokens">has room for so many tokens</label>
              <input id="contextTokens" name="contextTokens" type="number" min="1" max="100000000" step="1" placeholder="any" .value=${String(needs.contextTokens ?? '')} />
            </div>
          </div>
        </fieldset>
        <div class="row">
          <button class="primary" ?disabled=${this.busy}>Save</button>
          <button type="button" class="quiet" @click=${() => this.dispatchEvent(new Event('cancel'))}>Cancel</button>
        </div>
      </form>
    `
  }

  #row(row: Row, place: number): unknown {
    const which = `model ${place + 1}`
    const change = (field: 'model' | 'service') => (event: Event) => {
      row[field] = (event.target as HTMLInputElement).value
    }
    const choose = (event: Event): void => {
      row.provider = VENDORS.find((vendor) => vendor === (event.target as HTMLSelectElement).value) ?? row.provider
    }
    return html`
      <li>
        <select aria-label="Provider of ${which}" @change=${choose}>
          ${VENDORS.map((vendor) => html`<option ?selected=${vendor === row.provider}>${vendor}</option>`)}
        </select>
        <input aria-label="Name of ${which}" placeholder="gpt-4o-mini" required maxlength="128" autocomplete="off" spellcheck="false"
          .value=${row.model} @input=${change('model')} />
        <input aria-label="Service of ${which}, for a key of its own" placeholder="the provider’s key" pattern="[a-z0-9\\-]*" maxlength="64" autocomplete="off"
          spellcheck="false" title="the service of a secret: lower-case letters, digits and hyphens" .value=${row.service} @input=${change('service')} />
        <span class="small-buttons">
          <button type="button" class="quiet" aria-label="Move ${which} up" ?disabled=${place === 0} @click=${() => this.#moveUp(place)}>↑</button>
          <button type="button" class="quiet" aria-label="Remove ${which}" ?disabled=${this.rows.length === 1} @click=${() => this.#remove(row)}>✕</button>
        </span>
      </li>
    `
  }

  #add(): void {
    this.rows = [...this.rows, newRow()]
    this.#focusRow(this.rows.length - 1)
  }

  #remove(row: Row): void {
    const place = this.rows.indexOf(row)
    this.rows = this.rows.filter((other) => other !== row)
    this.#focusRow(Math.min(place, this.rows.length - 1))
  }

  #moveUp(place: number): void {
    const row = this.rows[place]
    if (!row) return
    this.rows = this.rows.toSpliced(place, 1).toSpliced(place - 1, 0, row)
    this.#focusRow(place - 1)
  }

  /** A button that is gone, or cannot be pressed any more, would take the focus with it. */
  #focusRow(place: number): void {
    void this.updateComplete.then(() => this.renderRoot.querySelectorAll<HTMLElement>('ol select')[place]?.focus())
  }

  /** One that is there is changed, and not replaced by accident. */
  #checkName({ target }: Event): void {
    if (!(target instanceof HTMLInputElement)) return
    target.setCustomValidity(
      this.taken.includes(target.value) ? 'There is one with this name. Change that one, or take another name.' : '',
    )
  }

  #save(event: SubmitEvent): void {
    event.preventDefault()
    if (!(event.target instanceof HTMLFormElement)) return
    this.dispatchEvent(new CustomEvent('save', { detail: readRule(new FormData(event.target), this.rows) }))
  }
}

customElements.define('virtual-model-form', VirtualModelForm)
