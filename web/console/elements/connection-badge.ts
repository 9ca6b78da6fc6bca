import { css, html, LitElement, nothing } from 'lit'
import type { Client, ConnectionState } from '../../client/index.ts'
import './connection-drawer.ts'
import { sharedStyles } from './shared-styles.ts'

const LABELS: Record<ConnectionState, string> = {
  open: 'Live',
  connecting: 'Connecting',
  reconnecting: 'Reconnecting',
  closed: 'Offline',
}

/** State of the client's connection, for eyes and screen readers; opens the drawer that says more. */
export class ConnectionBadge extends LitElement {
  static override properties = { client: { attribute: false }, state: { state: true }, open: { state: true } }
  static override styles = [
    sharedStyles,
    css`
      :host { display: inline-flex; }
      span { display: inline-flex; align-items: center; gap: 0.5rem; white-space: nowrap; }
      i { width: 0.5625rem; height: 0.5625rem; border-radius: 50%; background: var(--line-strong); }
      .open i { background: var(--good); }
      .connecting i, .reconnecting i { background: var(--warn); animation: pulse 1.2s ease-in-out infinite; }
      .closed i { background: var(--bad); }
      @keyframes pulse { 50% { opacity: 0.25; } }
    `,
  ]

  declare client: Client
  declare state: ConnectionState
  declare open: boolean
  #stopListening: (() => void) | undefined

  constructor() {
    super()
    this.state = 'closed'
    this.open = false
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#stopListening = this.client.onState((state) => {
      this.state = state
    })
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stopListening?.()
  }

  protected override render(): unknown {
    return html`
      <div role="status">
        <button class="quiet small" aria-expanded=${this.open} title="How the answers come" @click=${this.#toggle}>
          <span class="${this.state}"><i></i>${LABELS[this.state]}</span>
        </button>
      </div>
      ${this.open ? html`<connection-drawer .client=${this.client} @close=${this.#toggle}></connection-drawer>` : nothing}
    `
  }

  #toggle(): void {
    this.open = !this.open
    if (!this.open) this.renderRoot.querySelector('button')?.focus()
  }
}

customElements.define('connection-badge', ConnectionBadge)
