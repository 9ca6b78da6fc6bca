import { css, html, LitElement, nothing } from 'lit'
import { signIn } from '../session.ts'
import { sharedStyles } from './shared-styles.ts'

/** Takes a pasted token. Fires `signed-in` with it. */
export class SignInPage extends LitElement {
  static override properties = { message: {} }
  static override styles = [
    sharedStyles,
    css`
      :host { display: grid; place-items: start center; padding: clamp(1rem, 10vh, 6rem) 1rem 2rem; }
      form { width: 100%; max-width: 28rem; padding: 1.5rem; display: grid; gap: 1rem; }
      textarea { font-family: var(--mono); font-size: 0.8125rem; resize: vertical; overflow-wrap: anywhere; }
      .field { display: grid; gap: 0.375rem; }
      .problem { background: var(--warn-wash); border-radius: 0.5rem; padding: 0.625rem 0.875rem; }
    `,
  ]

  /** Why the user has to sign in (again). */
  declare message: string | undefined

  protected override render(): unknown {
    return html`
      <form class="card" @submit=${this.#submit}>
        <h1>Sign in</h1>
        ${this.message ? html`<p class="problem" role="alert" id="problem">${this.message}</p>` : nothing}
        <p class="soft">Open the sign-in link that <code>npm start</code> prints, or paste an access token.</p>
        <div class="field">
          <label for="token">Access token</label>
          <textarea id="token" rows="4" required spellcheck="false" autocomplete="off" autocapitalize="off"
            aria-describedby="hint" @keydown=${this.#submitOnEnter}></textarea>
          <p id="hint" class="small soft">Get one with <code>npx sluice token</code>. It stays in this tab only.</p>
        </div>
        <button class="primary">Sign in</button>
      </form>
    `
  }

  #submitOnEnter(event: KeyboardEvent): void {
    if (event.key === 'Enter' && !event.shiftKey) this.#submit(event)
  }

  #submit(event: Event): void {
    event.preventDefault()
    const result = signIn(this.renderRoot.querySelector('textarea')?.value ?? '')
    if (result.outcome === 'refused') this.message = result.reason
    else this.dispatchEvent(new CustomEvent('signed-in', { detail: result.token }))
  }
}

customElements.define('sign-in-page', SignInPage)
