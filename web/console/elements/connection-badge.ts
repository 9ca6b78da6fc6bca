import { css, html, LitElement } from 'lit'
import type { Client, ConnectionState } from '../../client/index.ts'
import { sharedStyles } from './shared-styles.ts'

const LABELS: Record<ConnectionState, string> = {
  open: 'Live',
  connecting: 'Connecting',
  reconnecting: 'Reconnecting',
  closed: 'Offline',
}

/** State of the client's socket, for eyes and screen readers. */
export class ConnectionBadge extends LitElement {
  static override properties = { client: { attribute: false }, state: { state: true } }
  static override styles = [
    sharedStyles,
    css`
      :host { display: inline-flex; }
      span { display: inline-flex; align-items: center; gap: 0.5rem; color: var(--ink-soft); white-space: nowrap; }
      i { width: 0.5625rem; height: 0.5625rem; border-radius: 50%; background: var(--line-strong); }
      .open i { background: var(--good); }
      .connecting i, .reconnecting i { background: var(--warn); animation: pulse 1.2s ease-in-out infinite; }
      .closed i { background: var(--bad); }
      @keyframes pulse { 50% { opacity: 0.25; } }
    `,
  ]

  declare client: Client
  declare state: ConnectionState
  #stopListening: (() => void) | undefined

  constructor() {
    super()
    this.state = 'closed'
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
    return html`<span class="small ${this.state}" role="status"><i></i>${LABELS[this.state]}</span>`
  }
}

customElements.define('connection-badge', ConnectionBadge)
