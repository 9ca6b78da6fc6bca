import { css, html, LitElement, nothing, type PropertyValues } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { ApiKey, ApiKeyList, CreatedApiKey } from '#shared/protocol/api-key.ts'
import { ROLES } from '#shared/protocol/scopes.ts'
import type { HttpCaller } from '../../client/http.ts'
import { createApi, queryText } from '../api.ts'
import { Attempts } from '../attempts.ts'
import './confirm-action.ts'
import './error-notice.ts'
import { sharedStyles } from './shared-styles.ts'

const ROLE_NAMES = Object.keys(ROLES)
/** How long a key may be good, in days. */
const LIFETIMES: [days: number | undefined, label: string][] = [
  [30, '30 days'],
  [90, '90 days'],
  [365, 'a year'],
  [undefined, 'until it is revoked'],
]
const DAY_MS = 86_400_000

/** API keys of the tenant: makes one, which is shown once, and revokes them. */
export class KeysPage extends LitElement {
  static override properties = {
    token: { attribute: false },
    keys: { state: true },
    next: { state: true },
    created: { state: true },
    copied: { state: true },
  }
  static override styles = [
    sharedStyles,
    css`
      form { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(11rem, 100%), 1fr)); gap: 0.5rem 0.75rem; align-items: end; }
      form > div { display: grid; gap: 0.25rem; grid-template-rows: auto 2.625rem; }
      .new { padding: 1rem; display: grid; gap: 0.5rem; border-color: var(--accent); justify-items: start; }
      .new code { overflow-wrap: anywhere; background: var(--sunken); padding: 0.5rem 0.75rem; border-radius: 0.5rem; }
      .row { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; }
      ul { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: minmax(0, 1fr); gap: 0.75rem; }
      li { padding: 0.875rem 1rem; display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; align-items: center; justify-content: space-between; }
      li > div { display: grid; gap: 0.125rem; min-width: 0; }
      .over { color: var(--bad); }
      .empty { padding: 2rem 1.25rem; display: grid; gap: 0.5rem; text-align: center; }
    `,
  ]

  declare token: string
  declare keys: ApiKey[] | undefined
  declare next: string | undefined
  /** The key that was just made. */
  declare created: CreatedApiKey | undefined
  declare copied: boolean
  #attempts = new Attempts(this)

  constructor() {
    super()
    this.copied = false
  }

  /** An element that was there before its module has its properties with the first update. */
  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('token')) void this.#show()
  }

  #attempt(act: (api: HttpCaller, signal: AbortSignal) => Promise<void>): Promise<void> {
    return this.#attempts.run((signal) => act(createApi(this.token), signal))
  }

  #show(): Promise<void> {
    return this.#attempt((api, signal) => this.#look(api, signal))
  }

  async #look(api: HttpCaller, signal: AbortSignal, after?: string): Promise<void> {
    const { apiKeys, next } = await api<ApiKeyList>(`/v1/api-keys${queryText({ after })}`, { signal })
    this.keys = after === undefined ? apiKeys : [...(this.keys ?? []), ...apiKeys]
    this.next = next
  }

  async #create(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    const form = event.target as HTMLFormElement
    const given = new FormData(form)
    const days = Number(given.get('days'))
    const body = {
      name: String(given.get('name')),
      roles: [String(given.get('role'))],
      ...(days > 0 && { expiresAt: new Date(Date.now() + days * DAY_MS).toISOString() }),
    }
    await this.#attempt(async (api, signal) => {
      this.created = await api<CreatedApiKey>('/v1/api-keys', { method: 'POST', body, signal })
      this.copied = false
      form.reset()
      await this.#look(api, signal)
    })
  }

  #revoke(keyId: string): Promise<void> {
    return this.#attempt(async (api, signal) => {
      await api(`/v1/api-keys/${keyId}`, { method: 'DELETE', signal })
      if (this.created?.keyId === keyId) this.created = undefined
      await this.#look(api, signal)
    })
  }

  async #copy(key: string): Promise<void> {
    await navigator.clipboard.writeText(key)
    this.copied = true
  }

  protected override render(): unknown {
    return html`
      <div class="column">
        <div>
          <h1>API keys</h1>
          <p class="soft">For programs that call Sluice. A key can do no more than you; revoked, it is good for five more seconds at the most.</p>
        </div>
        ${this.#form()}
        ${this.created ? this.#shown(this.created) : nothing}
        <error-notice .error=${this.#attempts.error} retryable @retry=${this.#show} ?hidden=${this.#attempts.error === undefined}></error-notice>
        ${this.keys ? this.#list(this.keys) : this.#attempts.error === undefined ? html`<p class="soft" role="status">Reading…</p>` : nothing}
        ${
          this.next === undefined
            ? nothing
            : html`<button ?disabled=${this.#attempts.busy} @click=${() => this.#attempt((api, signal) => this.#look(api, signal, this.next))}>More</button>`
        }
      </div>
    `
  }

  #form(): unknown {
    return html`
      <form @submit=${this.#create} aria-label="New key">
        <div><label class="small" for="name">What it is for</label><input id="name" name="name" required maxlength="128" autocomplete="off" /></div>
        <div>
          <label class="small" for="role">Role</label>
          <select id="role" name="role">${ROLE_NAMES.map((role) => html`<option ?selected=${role === 'user'}>${role}</option>`)}</select>
        </div>
        <div>
          <label class="small" for="days">Good for</label>
          <select id="days" name="days">${LIFETIMES.map(([days, label]) => html`<option value=${days ?? 0}>${label}</option>`)}</select>
        </div>
        <button class="primary" ?disabled=${this.#attempts.busy}>Make a key</button>
      </form>
    `
  }

  #shown({ key, name }: CreatedApiKey): unknown {
    return html`
      <div class="card new" role="status">
        <h2>${name}</h2>
        <p>Copy it now: it is shown this once, and kept nowhere.</p>
        <code>${key}</code>
        <div class="row">
          <button class="primary" @click=${() => this.#copy(key)}>${this.copied ? 'Copied' : 'Copy'}</button>
          <button class="quiet" @click=${() => (this.created = undefined)}>Hide it</button>
        </div>
      </div>
    `
  }

  #list(keys: ApiKey[]): unknown {
    if (keys.length === 0)
      return html`<div class="card empty"><h2>No keys</h2><p class="soft">People sign in; programs get a key.</p></div>`
    return html`
      <ul>${repeat(
        keys,
        ({ keyId }) => keyId,
        (key) => html`
          <li class="card">
            <div>
              <h2>${key.name}</h2>
              <p class="small soft">${key.roles.length > 0 ? key.roles.join(', ') : key.scopes.join(', ')} · made by ${key.createdBy} ${day(key.createdAt)}</p>
              <p class="small soft">${key.lastUsedAt ? `used ${day(key.lastUsedAt)}` : 'never used'} · ${validity(key)} · <code>${key.keyId}</code></p>
            </div>
            <confirm-action label="Revoke" question="Revoke it for good?" ?busy=${this.#attempts.busy} @confirmed=${() => this.#revoke(key.keyId)}></confirm-action>
          </li>
        `,
      )}</ul>
    `
  }
}

const day = (time: string): string => new Date(time).toLocaleDateString()

function validity({ expiresAt }: ApiKey): unknown {
  if (expiresAt === undefined) return 'does not end'
  return Date.parse(expiresAt) <= Date.now() ? html`<span class="over">has ended</span>` : `until ${day(expiresAt)}`
}

customElements.define('keys-page', KeysPage)
