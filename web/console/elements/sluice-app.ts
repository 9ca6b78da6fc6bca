import { css, html, LitElement, nothing } from 'lit'
import { type Client, createClient } from '../../client/index.ts'
import type { AccessToken } from '../access-token.ts'
import { isAuthenticationOff } from '../local-access.ts'
import { parseRoute, type Route } from '../route.ts'
import { currentSession, dropToken, type SignIn, signIn, signOut, takeTokenFromAddress } from '../session.ts'
import './agents-page.ts'
import './app-header.ts'
import './chat-page.ts'
import './dead-letters-page.ts'
import './error-notice.ts'
import './events-page.ts'
import { sharedStyles } from './shared-styles.ts'
import './sign-in-page.ts'
import './topic-page.ts'
import './topics-page.ts'

const UNFETCHED = { code: 'network_error', detail: 'the page cannot be fetched' }

/** The console: session, route, and the one client that all pages share. */
export class SluiceApp extends LitElement {
  static override properties = {
    session: { state: true },
    client: { state: true },
    route: { state: true },
    message: { state: true },
    error: { state: true },
    isOpen: { state: true },
    unfetched: { state: true },
  }
  static override styles = [
    sharedStyles,
    css`
      :host { display: grid; grid-template-rows: [banner] auto [header] auto [page] minmax(0, 1fr); height: 100dvh; }
      .open { grid-row: banner; background: var(--bad-wash); color: var(--bad); padding: 0.375rem 1rem; text-align: center; font-weight: 550; }
      app-header { grid-row: header; }
      main { grid-row: page; display: grid; min-height: 0; min-width: 0; overflow-y: auto; grid-template-columns: minmax(0, 1fr); }
      main > chat-page, main > events-page { overflow: hidden; }
    `,
  ]

  declare session: AccessToken | undefined
  declare client: Client | undefined
  declare route: Route
  /** Why the user has to sign in. */
  declare message: string | undefined
  declare error: unknown
  /** Whether the API lets in whoever asks. */
  declare isOpen: boolean | undefined
  /** Whether the code of this page could not be fetched: the network is gone, or a newer console has taken the place of this one. */
  declare unfetched: boolean
  #leaving = new AbortController()

  constructor() {
    super()
    this.unfetched = false
    this.route = { page: 'agents' }
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#leaving = new AbortController()
    window.addEventListener('hashchange', () => this.#follow(), { signal: this.#leaving.signal })
    this.#follow()
    if (!this.session) this.#enter(currentSession())
    void isAuthenticationOff().then((isOpen) => {
      this.isOpen = isOpen
    })
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#leaving.abort()
    this.client?.close()
  }

  /** Reads the address: a sign-in link, or a page. */
  #follow(): void {
    const token = takeTokenFromAddress()
    if (token !== undefined) this.#enter(signIn(token))
    this.route = parseRoute(location.hash)
    this.unfetched = false
    const place =
      this.route.page === 'chat' ? this.route.agentId : this.route.page === 'topic' ? this.route.topic : this.route.page
    document.title = `${place} – Sluice`
  }

  #enter(result: SignIn | undefined): void {
    if (!result) return
    if (result.outcome === 'refused') {
      this.#leave(result.reason)
      return
    }
    this.client?.close()
    try {
      this.client = createClient({ baseUrl: location.origin, token: result.token.token })
      this.client.connect()
      this.session = result.token
      this.message = undefined
    } catch (error) {
      this.error = error
    }
  }

  /** @param message - why the session is over; none when the user ended it */
  #leave(message?: string): void {
    if (message === undefined) signOut()
    else dropToken()
    this.client?.close()
    this.client = undefined
    this.session = undefined
    this.message = message
  }

  protected override render(): unknown {
    return html`
      <div class="open" role="status" ?hidden=${!this.isOpen}>Authentication is off: whoever reaches this machine is admin.</div>
      <app-header .client=${this.client} .session=${this.session} .page=${this.route.page} @sign-out=${() => this.#leave()}></app-header>
      <main @session-expired=${({ detail }: CustomEvent<string>) => this.#leave(`Your session is over: ${detail}.`)}>
        ${this.error === undefined ? this.#page() : html`<div class="column"><error-notice .error=${this.error}></error-notice></div>`}
      </main>
    `
  }

  /** Waits for the code of a page, which shows itself when it is there. */
  #load(page: Promise<unknown>): void {
    page.catch(() => {
      this.unfetched = true
    })
  }

  #page(): unknown {
    const { client, route } = this
    if (!client) {
      return html`
        <sign-in-page .message=${this.message}
          @signed-in=${({ detail }: CustomEvent<AccessToken>) => this.#enter({ outcome: 'signed-in', token: detail })}></sign-in-page>
      `
    }
    if (this.unfetched) {
      return html`<div class="column"><error-notice .error=${UNFETCHED} retryable @retry=${() => location.reload()}></error-notice></div>`
    }
    switch (route.page) {
      case 'agents':
        return html`<agents-page .client=${client}></agents-page>`
      case 'chat':
        return html`<chat-page .client=${client} .token=${this.session?.token ?? ''} .agentId=${route.agentId}></chat-page>`
      case 'topics':
        return html`<topics-page .client=${client}></topics-page>`
      case 'topic':
        return html`<topic-page .client=${client} .topic=${route.topic}></topic-page>`
      case 'events':
        return html`<events-page .client=${client} .kind=${route.filter.kind} .agentId=${route.filter.agentId}></events-page>`
      case 'dead-letters':
        return html`<dead-letters-page .client=${client}></dead-letters-page>`
      case 'playground':
        this.#load(import('./playground-page.ts'))
        return html`<playground-page .client=${client} .token=${this.session?.token ?? ''} .agentId=${route.agentId}></playground-page>`
      case 'approvals':
        this.#load(import('./approvals-page.ts'))
        return html`<approvals-page .token=${this.session?.token ?? ''}></approvals-page>`
      case 'models':
        this.#load(import('./models-page.ts'))
        return html`<models-page .token=${this.session?.token ?? ''}></models-page>`
      case 'audit':
        this.#load(import('./audit-page.ts'))
        return html`<audit-page .token=${this.session?.token ?? ''}></audit-page>`
      case 'keys':
        this.#load(import('./keys-page.ts'))
        return html`<keys-page .token=${this.session?.token ?? ''}></keys-page>`
      case 'api':
        this.#load(import('./api-page.ts'))
        return html`<api-page .token=${this.session?.token ?? ''} .operationId=${route.operationId}></api-page>`
      default:
        return nothing
    }
  }
}

customElements.define('sluice-app', SluiceApp)
