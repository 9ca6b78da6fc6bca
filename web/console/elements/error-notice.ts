import { css, html, LitElement, nothing } from 'lit'
import { describeError } from '../advice.ts'
import { sharedStyles } from './shared-styles.ts'

/**
 * Tells what went wrong and what to do. Fires `session-expired` when the server no longer takes the token, and `retry` when the
 * user asks for another try.
 */
export class ErrorNotice extends LitElement {
  static override properties = { error: { attribute: false }, retryable: { type: Boolean } }
  static override styles = [
    sharedStyles,
    css`
      :host { display: block; }
      div { background: var(--bad-wash); border: 1px solid color-mix(in oklab, var(--bad), transparent 65%); border-radius: var(--radius);
        padding: 0.75rem 1rem; display: grid; gap: 0.25rem; justify-items: start; overflow-wrap: anywhere; }
      strong { color: var(--bad); font-weight: 600; }
      ul { margin: 0; padding-left: 1.25rem; }
      button { margin-top: 0.5rem; }
    `,
  ]

  declare error: unknown
  declare retryable: boolean

  constructor() {
    super()
    this.retryable = false
  }

  protected override updated(): void {
    if (this.error === undefined) return
    const { code, detail } = describeError(this.error)
    if (code === 'unauthorized') {
      this.dispatchEvent(new CustomEvent('session-expired', { bubbles: true, composed: true, detail }))
    }
  }

  protected override render(): unknown {
    if (this.error === undefined) return nothing
    const { code, detail, advice, requestId, fields } = describeError(this.error)
    return html`
      <div role="alert">
        <p><strong>${sentence(detail)}</strong> <code class="soft">${code}</code></p>
        ${fields.length > 0 ? html`<ul class="small">${fields.map(({ path, message }) => html`<li><code>${path}</code>: ${message}</li>`)}</ul>` : nothing}
        ${advice ? html`<p>${advice}</p>` : nothing}
        ${requestId ? html`<p class="small soft">Request <code>${requestId}</code></p>` : nothing}
        ${this.retryable ? html`<button @click=${() => this.dispatchEvent(new Event('retry'))}>Try again</button>` : nothing}
      </div>
    `
  }
}

function sentence(text: string): string {
  const capitalised = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(capitalised) ? capitalised : `${capitalised}.`
}

customElements.define('error-notice', ErrorNotice)
