import { css, html, LitElement, nothing, type PropertyValues } from 'lit'
import type { Client } from '../../client/index.ts'
import type { AccessToken } from '../access-token.ts'
import type { Route } from '../route.ts'
import { applyTheme, loadTheme, nextTheme, type Theme } from '../theme.ts'
import './connection-badge.ts'
import { sharedStyles } from './shared-styles.ts'

const THEME_ICONS: Record<Theme, string> = { auto: '◐', light: '☀', dark: '☾' }

/** Name, navigation, connection, theme and session. Fires `sign-out`. */
export class AppHeader extends LitElement {
  static override properties = {
    client: { attribute: false },
    session: { attribute: false },
    page: { attribute: false },
    theme: { state: true },
  }
  static override styles = [
    sharedStyles,
    css`
      header { display: flex; flex-wrap: wrap; align-items: center; gap: 0 1rem; padding: 0.375rem 1rem; background: var(--surface); border-bottom: 1px solid var(--line); }
      .brand { display: inline-flex; align-items: center; gap: 0.5rem; font-weight: 700; letter-spacing: -0.01em; color: var(--ink); text-decoration: none; }
      .brand img { width: 1.5rem; height: 1.5rem; }
      nav { display: flex; flex-wrap: wrap; gap: 0.125rem; }
      nav a { color: var(--ink-soft); text-decoration: none; padding: 0.5rem 0.375rem; border-radius: 0.5rem; font-size: 0.9375rem; font-weight: 550; white-space: nowrap; }
      nav a:hover { color: var(--ink); background: var(--sunken); }
      nav a[aria-current] { color: var(--accent); background: var(--accent-wash); }
      .right { margin-left: auto; display: flex; align-items: center; gap: 0.25rem; }
      connection-badge { margin-right: 0.5rem; }
      .who { max-width: 14rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
      @media (max-width: 75rem) { .who { display: none; } }
      @media (max-width: 34rem) {
        header { column-gap: 0.5rem; } .right { gap: 0; } connection-badge { margin-right: 0; }
        nav { order: 1; width: 100%; flex-wrap: nowrap; position: relative; overflow-x: auto; scrollbar-width: none; contain: inline-size; }
        nav a { padding-inline: 0.5rem; font-size: 0.875rem; } }
    `,
  ]

  declare client: Client | undefined
  declare session: AccessToken | undefined
  declare page: Route['page']
  declare theme: Theme

  constructor() {
    super()
    this.theme = loadTheme()
  }

  protected override updated(changed: PropertyValues<this>): void {
    // On a narrow screen the pages stand in one row, which scrolls.
    const current = changed.has('page') ? this.renderRoot.querySelector<HTMLElement>('[aria-current]') : undefined
    current?.parentElement?.scrollTo({ left: current.offsetLeft - current.clientWidth })
  }

  protected override render(): unknown {
    const { client, session } = this
    return html`
      <header>
        <a class="brand" href="#/agents"><img src="/favicon.svg" alt="" />Sluice</a>
        ${client ? this.#navigation() : nothing}
        <div class="right">
          ${client ? html`<connection-badge .client=${client}></connection-badge>` : nothing}
          <button class="quiet" @click=${this.#switchTheme} aria-label="Theme: ${this.theme}" title="Theme: ${this.theme}">${THEME_ICONS[this.theme]}</button>
          ${
            session
              ? html`
                <span class="who small soft" title="Subject and tenant of your token">${[session.subject, session.tenant].filter(Boolean).join(' · ')}</span>
                <button class="quiet small" @click=${() => this.dispatchEvent(new Event('sign-out'))}>Sign out</button>
              `
              : nothing
          }
        </div>
      </header>
    `
  }

  #navigation(): unknown {
    const current = (...pages: Route['page'][]): unknown => (pages.includes(this.page) ? 'page' : nothing)
    return html`
      <nav aria-label="Pages">
        <a href="#/agents" aria-current=${current('agents', 'chat')}>Agents</a>
        <a href="#/playground" aria-current=${current('playground')}>Playground</a>
        <a href="#/topics" aria-current=${current('topics', 'topic')}>Topics</a>
        <a href="#/events" aria-current=${current('events')}>Events</a>
        <a href="#/approvals" aria-current=${current('approvals')}>Approvals</a>
        <a href="#/models" aria-current=${current('models')}>Models</a>
        <a href="#/dead-letters" aria-current=${current('dead-letters')}>Dead letters</a>
        <a href="#/audit" aria-current=${current('audit')}>Audit</a>
        <a href="#/keys" aria-current=${current('keys')}>Keys</a>
        <a href="#/api" aria-current=${current('api')}>API</a>
      </nav>
    `
  }

  #switchTheme(): void {
    this.theme = nextTheme(this.theme)
    applyTheme(this.theme)
  }
}

customElements.define('app-header', AppHeader)
