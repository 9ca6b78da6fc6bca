import { css, html, LitElement, nothing, type PropertyValues } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { Client, FactEvent, FactStream, StreamStatus } from '../../client/index.ts'
import { type EventKind, isShown } from '../event-filter.ts'
import { loadStart, saveStart } from '../events-start.ts'
import { followedStreams } from '../followed-streams.ts'
import { addEvents, EMPTY_LOG, type LiveLog, MAX_EVENTS, togglePause } from '../live-log.ts'
import { keepAtEnd, type StickyScroll } from '../sticky-scroll.ts'
import { timeZone } from '../time-of-day.ts'
import './error-notice.ts'
import './event-filter-form.ts'
import './event-row.ts'
import './events-hint.ts'
import { sharedStyles } from './shared-styles.ts'

const STATUSES: Partial<Record<StreamStatus, string>> = {
  connecting: 'Connecting…',
  'catching-up': 'Catching up…',
  live: 'Listening',
  offline: 'Offline. It goes on from where it is.',
}

/**
 * What happens in the tenant as it is told, the newest last. The log on the server is what it shows: a reload, another filter and a
 * drop of the connection read on from a cursor.
 */
export class EventsPage extends LitElement {
  static override properties = {
    client: { attribute: false },
    kind: { attribute: false },
    agentId: { attribute: false },
    log: { state: true },
    status: { state: true },
    error: { state: true },
    atEnd: { state: true },
  }
  static override styles = [
    sharedStyles,
    css`
      :host { display: grid; grid-template-rows: auto minmax(10rem, 1fr); min-height: 0; overflow-y: auto; }
      .inner { width: 100%; max-width: 56rem; margin-inline: auto; padding-inline: 1rem; }
      header { border-bottom: 1px solid var(--line); padding-block: 0.75rem 0.5rem; }
      header .inner { display: grid; gap: 0.375rem; }
      .row { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 0.25rem 1rem; }
      .title { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 0.75rem; }
      .place { position: relative; display: grid; min-height: 0; }
      .scroll { overflow-y: auto; overscroll-behavior: contain; }
      .scroll:focus-visible { outline-offset: -2px; }
      .content { padding-block: 0.5rem 1.5rem; display: grid; gap: 0.5rem; }
      ol { list-style: none; margin: 0; padding: 0; min-width: 0; }
      li + li { border-top: 1px solid var(--line); }
      .jump { position: absolute; bottom: 0.75rem; left: 50%; translate: -50%; border-radius: 2rem; box-shadow: 0 2px 10px rgb(0 0 0 / 0.15); white-space: nowrap; }
      @media (max-width: 34rem) { .title { display: grid; } }
    `,
  ]

  declare client: Client
  declare kind: EventKind | undefined
  declare agentId: string | undefined
  declare log: LiveLog<FactEvent>
  declare status: StreamStatus
  declare error: unknown
  declare atEnd: boolean
  #stream: FactStream | undefined
  #scroll: StickyScroll | undefined
  #leaving = new AbortController()

  constructor() {
    super()
    this.log = EMPTY_LOG
    this.status = 'connecting'
    this.atEnd = true
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#leaving.abort()
    this.#scroll?.stop()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('client') || changed.has('kind') || changed.has('agentId')) this.#follow()
  }

  protected override firstUpdated(): void {
    const scroll = this.renderRoot.querySelector<HTMLElement>('.scroll')
    const content = this.renderRoot.querySelector<HTMLElement>('.content')
    if (!scroll || !content) return
    this.#scroll = keepAtEnd(scroll, content, (atEnd) => {
      this.atEnd = atEnd
    })
  }

  /** Always of all agents: one cursor holds for every filter. */
  #follow(): void {
    this.#leaving.abort()
    this.#leaving = new AbortController()
    const { signal } = this.#leaving
    const after = loadStart()
    const stream = this.client.events({ signal, ...(after === undefined ? {} : { after }) })
    stream.on({
      events: (events) => this.#take(events),
      status: (status) => {
        this.status = status
      },
      error: (error) => {
        if (!signal.aborted) this.error = error
      },
    })
    stream.ready.then(
      (cursor) => saveStart(loadStart() ?? cursor),
      () => undefined, // The listener has it.
    )
    followedStreams.add(stream)
    this.#stream = stream
    this.log = EMPTY_LOG
    this.status = stream.status
    this.error = undefined
    this.#scroll?.toEnd()
  }

  #take(events: readonly FactEvent[]): void {
    const { kind, agentId } = this
    const filter = { ...(kind && { kind }), ...(agentId && { agentId }) }
    this.#show(
      addEvents(
        this.log,
        events.filter((event) => isShown(event, filter)),
      ),
    )
  }

  /** What dropped out need not be read again. */
  #show(log: LiveLog<FactEvent>): void {
    this.log = log
    const [oldest] = log.shown
    if (oldest && log.shown.length === MAX_EVENTS) saveStart(oldest.sequence - 1)
  }

  #readLastDay(): void {
    saveStart(-1)
    this.#follow()
  }

  #clear(): void {
    const cursor = this.#stream?.cursor
    if (cursor !== undefined) saveStart(cursor)
    this.log = { ...EMPTY_LOG, paused: this.log.paused }
  }

  protected override render(): unknown {
    const { shown, waiting, paused } = this.log
    return html`
      <header>
        <div class="inner">
          <div class="row">
            <div class="title">
              <h1>Events</h1>
              <span class="small soft" role="status">${paused ? 'Paused' : STATUSES[this.status]}</span>
            </div>
            <div>
              <button class="quiet small" ?hidden=${shown.length === 0} @click=${this.#clear}>Clear</button>
              <button class="small" aria-pressed=${paused} @click=${() => this.#show(togglePause(this.log))}>
                ${paused ? `Resume${waiting.length > 0 ? ` (${waiting.length} new)` : ''}` : 'Pause'}
              </button>
            </div>
          </div>
          <event-filter-form .client=${this.client} .kind=${this.kind} .agentId=${this.agentId}></event-filter-form>
        </div>
      </header>
      <div class="place">
        <div class="scroll" tabindex="0" role="region" aria-label="Events, the newest last">
          <div class="inner content">
            <p class="row small soft">
              <span>Times in ${timeZone}. ${shown.length < MAX_EVENTS ? nothing : `The last ${MAX_EVENTS}; earlier ones have dropped out.`}</span>
              <button class="quiet small" @click=${this.#readLastDay}>Last 24 hours</button>
            </p>
            ${shown.length === 0 ? this.#empty() : nothing}
            <ol role="log" aria-label="Events" @unfold=${() => this.#scroll?.stay()}>
              ${repeat(
                shown,
                ({ sequence }) => sequence,
                (event) => html`<li><event-row .event=${event}></event-row></li>`,
              )}
            </ol>
            <error-notice .error=${this.error} retryable @retry=${() => this.#follow()} ?hidden=${this.error === undefined}></error-notice>
          </div>
        </div>
        <button class="jump small" ?hidden=${this.atEnd} @click=${() => this.#scroll?.toEnd()}>↓ Latest</button>
      </div>
    `
  }

  #empty(): unknown {
    if (this.error !== undefined || this.status !== 'live') return nothing
    return html`<events-hint .kind=${this.kind} .agentId=${this.agentId}></events-hint>`
  }
}

customElements.define('events-page', EventsPage)
