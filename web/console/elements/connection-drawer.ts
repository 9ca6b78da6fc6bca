import { css, html, LitElement, nothing } from 'lit'
import type { Client, StreamStatus, Transport } from '../../client/index.ts'
import { type FollowedStream, followedStreams, nameOf } from '../followed-streams.ts'
import './latency-plot.ts'
import { sharedStyles } from './shared-styles.ts'

/** Pause between two looks at the figures while the drawer is open, in milliseconds. */
const LOOK_MS = 500

const TRANSPORTS: Record<Transport, string> = {
  socket: 'WebSocket',
  sse: 'Server-Sent Events',
  poll: 'HTTP, asked again and again',
  tabs: 'WebSocket of another tab',
  none: '–',
}
const STATUSES: Record<StreamStatus, string> = {
  idle: 'not followed',
  connecting: 'connecting',
  'catching-up': 'catching up',
  live: 'live',
  stalled: 'silent; asking how it is',
  offline: 'offline; goes on from the cursor',
  ended: 'ended',
}

/** How what is on the page comes: transport, cursors, what was healed, and the delay. Fires `close`. */
export class ConnectionDrawer extends LitElement {
  static override properties = { client: { attribute: false } }
  static override styles = [
    sharedStyles,
    css`
      :host { position: fixed; z-index: 5; inset: 0 0 0 auto; width: min(24rem, 100vw); display: grid; grid-template-rows: auto minmax(0, 1fr);
        background: var(--surface); border-left: 1px solid var(--line); box-shadow: -8px 0 24px rgb(0 0 0 / 0.12); }
      header { display: flex; align-items: center; justify-content: space-between; gap: 0.5rem; padding: 0.375rem 0.5rem 0.375rem 1rem; border-bottom: 1px solid var(--line); }
      .body { overflow-y: auto; padding: 1rem; display: grid; gap: 1.25rem; align-content: start; }
      section { display: grid; gap: 0.5rem; min-width: 0; }
      dl { margin: 0; display: grid; grid-template-columns: auto 1fr; gap: 0.125rem 1rem; font-variant-numeric: tabular-nums; }
      dt { color: var(--ink-soft); }
      dd { margin: 0; text-align: right; overflow-wrap: anywhere; }
      h3 { margin: 0; font-size: 0.8125rem; font-weight: 600; overflow-wrap: anywhere; }
      article { display: grid; gap: 0.5rem; padding-top: 1rem; border-top: 1px solid var(--line); min-width: 0; }
    `,
  ]

  declare client: Client
  #leaving = new AbortController()

  override connectedCallback(): void {
    super.connectedCallback()
    this.#leaving = new AbortController()
    const timer = setInterval(() => this.requestUpdate(), LOOK_MS)
    const stops = [
      followedStreams.onChange(() => this.requestUpdate()),
      this.client.connection.onChange(() => this.requestUpdate()),
    ]
    this.#leaving.signal.addEventListener('abort', () => {
      clearInterval(timer)
      for (const stop of stops) stop()
    })
    window.addEventListener('keydown', ({ key }) => key === 'Escape' && this.#close(), { signal: this.#leaving.signal })
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#leaving.abort()
  }

  protected override firstUpdated(): void {
    this.renderRoot.querySelector('button')?.focus()
  }

  #close(): void {
    this.dispatchEvent(new Event('close'))
  }

  protected override render(): unknown {
    const { transport, state, since, reconnects } = this.client.connection
    const { streams } = followedStreams
    return html`
      <header>
        <h2>Connection</h2>
        <button class="quiet" @click=${this.#close} aria-label="Close the connection drawer" title="Close (Esc)">✕</button>
      </header>
      <div class="body">
        <dl class="small">
          ${fact('Transport', TRANSPORTS[transport])}
          ${fact('State', state)}
          ${fact('Since', TIME.format(since))}
          ${fact('Reconnected', times(reconnects))}
        </dl>
        ${
          streams.length === 0
            ? html`<p class="small soft">Nothing has been followed on this page yet. Ask an agent, and see how its answer comes.</p>`
            : streams.map(streamFacts)
        }
      </div>
    `
  }
}

const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })
const COUNT = new Intl.NumberFormat()
const times = (count: number): string => (count === 1 ? 'once' : `${COUNT.format(count)} times`)

const fact = (name: string, value: unknown): unknown => html`<dt>${name}</dt><dd>${value}</dd>`

function streamFacts(stream: FollowedStream): unknown {
  const { status, stats } = stream
  const { transport, cursor, frames, gapsHealed, duplicatesDropped, resumes, latencyMs } = stats
  return html`
    <article>
      <h3><code>${nameOf(stream)}</code></h3>
      <dl class="small">
        ${fact('Status', STATUSES[status])}
        ${fact('Comes by', TRANSPORTS[transport])}
        ${fact('Cursor', COUNT.format(cursor))}
        ${fact('Frames', COUNT.format(frames))}
        ${fact('Gaps healed', COUNT.format(gapsHealed))}
        ${fact('Sent twice, dropped', COUNT.format(duplicatesDropped))}
        ${fact('Gone on from the cursor', times(resumes))}
      </dl>
      ${
        latencyMs.length === 0
          ? nothing
          : html`<section><h3>Delay</h3><latency-plot .samples=${latencyMs}></latency-plot></section>`
      }
    </article>
  `
}

customElements.define('connection-drawer', ConnectionDrawer)
