import { css, html, LitElement, nothing } from 'lit'
import { ROLES, type Role } from '#shared/protocol/scopes.ts'
import { signInLocally } from '../local-access.ts'
import { sharedStyles } from './shared-styles.ts'

const ROLE_NOTES: Record<Role, string> = {
  admin: 'everything',
  operator: 'runs what is there',
  developer: 'defines agents',
  user: 'uses agents',
  viewer: 'looks, and touches nothing',
}

/** Signs in as anybody, on a developer's machine. Fires `token` with an access token. */
export class LocalSignIn extends LitElement {
  static override properties = { busy: { state: true }, problem: { state: true } }
  static override styles = [
    sharedStyles,
    css`
      form { display: grid; gap: 0.75rem; }
      .pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(10rem, 100%), 1fr)); gap: 0.75rem; }
      .field { display: grid; gap: 0.375rem; }
      .problem { background: var(--warn-wash); border-radius: 0.5rem; padding: 0.625rem 0.875rem; overflow-wrap: anywhere; }
    `,
  ]

  declare busy: boolean
  declare problem: string | undefined

  constructor() {
    super()
    this.busy = false
  }

  protected override render(): unknown {
    return html`
      <form @submit=${this.#submit} aria-label="Sign in as">
        ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
        <div class="pair">
          <div class="field">
            <label for="subject">Sign in as</label>
            <input id="subject" name="subject" value="developer" required maxlength="128" autocomplete="username" spellcheck="false" />
          </div>
          <div class="field">
            <label for="tenant">Tenant</label>
            <input id="tenant" name="tenant" value="default" required maxlength="64" pattern="[A-Za-z0-9][A-Za-z0-9_\\-]*" autocomplete="organization" spellcheck="false" />
          </div>
        </div>
        <div class="field">
          <label for="role">Role</label>
          <select id="role" name="role">
            ${Object.keys(ROLES).map((role) => html`<option value=${role}>${role} – ${ROLE_NOTES[role as Role]}</option>`)}
          </select>
        </div>
        <button class="primary" ?disabled=${this.busy}>${this.busy ? 'Signing in …' : 'Sign in'}</button>
      </form>
    `
  }

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    const values = new FormData(event.currentTarget as HTMLFormElement)
    const text = (name: string) => String(values.get(name) ?? '').trim()
    this.busy = true
    const result = await signInLocally({ subject: text('subject'), tenant: text('tenant'), role: text('role') as Role })
    this.busy = false
    this.problem = 'reason' in result ? result.reason : undefined
    if ('token' in result) this.dispatchEvent(new CustomEvent('token', { detail: result.token }))
  }
}

customElements.define('local-sign-in', LocalSignIn)
