import { css, html, LitElement, nothing } from 'lit'
import { canSignInLocally } from '../local-access.ts'
import { signIn } from '../session.ts'
import './local-sign-in.ts'
import { sharedStyles } from './shared-styles.ts'

/** Signs in on a developer's machine, or takes a pasted token. Fires `signed-in` with it. */
export class SignInPage extends LitElement {
  static override properties = { message: {}, isLocal: { state: true } }
  static override styles = [
    sharedStyles,
    css`
      :host { display: grid; place-items: start center; padding: clamp(1rem, 10vh, 6rem) 1rem 2rem; }
      .card { width: 100%; max-width: 28rem; padding: 1.5rem; display: grid; gap: 1rem; }
      form { display: grid; gap: 1rem; }
      summary { cursor: pointer; font-weight: 550; }
      details[open] > summary { margin-bottom: 1rem; }
      textarea { font-family: var(--mono); font-size: 0.8125rem; resize: vertical; overflow-wrap: anywhere; }
      .field { display: grid; gap: 0.375rem; }
      .problem { background: var(--warn-wash); border-radius: 0.5rem; padding: 0.625rem 0.875rem; }
    `,
  ]

  /** Why the user has to sign in (again). */
  declare message: string | undefined
  /** Whether this origin signs developers in. */
  declare isLocal: boolean | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    void canSignInLocally().then((isLocal) => {
      this.isLocal = isLocal
    })
  }

  protected override render(): unknown {
    return html`
      <section class="card">
        <h1>Sign in</h1>
        ${this.message ? html`<p class="problem" role="alert" id="problem">${this.message}</p>` : nothing}
        ${this.isLocal ? this.#locally() : this.#byToken()}
      </section>
    `
  }

  #locally(): unknown {
    return html`
      <p class="soft">This is your own machine: be who you like. No deployed stage has this form.</p>
      <local-sign-in @token=${({ detail }: CustomEvent<string>) => this.#enter(detail)}></local-sign-in>
      <details><summary>With a token</summary>${this.#byToken()}</details>
    `
  }

  #byToken(): unknown {
    return html`
      <form @submit=${this.#submit}>
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
    this.#enter(this.renderRoot.querySelector('textarea')?.value ?? '')
  }

  #enter(token: string): void {
    const result = signIn(token)
    if (result.outcome === 'refused') this.message = result.reason
    else this.dispatchEvent(new CustomEvent('signed-in', { detail: result.token }))
  }
}

customElements.define('sign-in-page', SignInPage)
