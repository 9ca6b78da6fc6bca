import { css, html, LitElement, type PropertyValues } from 'lit'
import { sharedStyles } from './shared-styles.ts'

/** A button that asks before it does something that cannot be undone. Fires `confirmed`. */
export class ConfirmAction extends LitElement {
  static override properties = {
    label: {},
    question: {},
    busy: { type: Boolean },
    asking: { state: true },
  }
  static override styles = [
    sharedStyles,
    css`
      :host { display: inline-flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 0.5rem; }
      p { padding-inline: 0.625rem; }
      [aria-disabled='true'] { opacity: 0.5; cursor: default; }
    `,
  ]

  declare label: string
  /** What is asked: `Discard it for good?` */
  declare question: string
  /** Whether something is under way. */
  declare busy: boolean
  declare asking: boolean

  constructor() {
    super()
    this.busy = false
    this.asking = false
  }

  protected override updated(changed: PropertyValues<this>): void {
    // The focus follows the question and goes back to where it came from.
    if (changed.has('asking') && (this.asking || changed.get('asking')))
      this.renderRoot.querySelector<HTMLElement>('button')?.focus()
  }

  #confirm(): void {
    this.asking = false
    this.dispatchEvent(new Event('confirmed'))
  }

  protected override render(): unknown {
    if (!this.asking) {
      // A disabled button would lose the focus.
      const ask = (): void => {
        if (!this.busy) this.asking = true
      }
      return html`<button class="quiet small" aria-disabled=${this.busy} @click=${ask}>${this.label}…</button>`
    }
    return html`
      <p class="small">${this.question}</p>
      <button class="small" @click=${this.#confirm}>${this.label}</button>
      <button class="quiet small" @click=${() => (this.asking = false)}>Cancel</button>
    `
  }
}

customElements.define('confirm-action', ConfirmAction)
