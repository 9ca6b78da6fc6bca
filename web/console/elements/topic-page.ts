import { css, html, LitElement, nothing, type PropertyValues } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { TopicEvent } from '#shared/protocol/stream-event.ts'
import type { Client } from '../../client/index.ts'
import { followedStreams } from '../followed-streams.ts'
import { addEvents, EMPTY_LOG, type LiveLog, togglePause } from '../live-log.ts'
import { timeOfDay, timeZone } from '../time-of-day.ts'
import './error-notice.ts'
import './publish-form.ts'
import { sharedStyles } from './shared-styles.ts'

/** Messages of a topic as they are accepted, newest first. */
export class TopicPage extends LitElement {
  static override properties = {
    client: { attribute: false },
    topic: {},
    log: { state: true },
    listening: { state: true },
    error: { state: true },
  }
  static override styles = [
    sharedStyles,
    css`
      .head, .bar { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 0.25rem 1rem; }
      ol { list-style: none; margin: 0; padding: 0; display: grid; gap: 0.75rem; }
      li { padding: 0.75rem 1rem; display: grid; gap: 0.5rem; min-width: 0; }
      .facts { display: flex; flex-wrap: wrap; gap: 0 0.875rem; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
      .facts time { color: var(--ink); font-weight: 550; }
      pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 20rem; overflow-y: auto; line-height: 1.5; }
      .empty { padding: 1.5rem 1.25rem; text-align: center; }
    `,
  ]

  declare client: Client
  declare topic: string
  declare log: LiveLog<TopicEvent>
  declare listening: boolean
  declare error: unknown
  #leaving = new AbortController()

  constructor() {
    super()
    this.log = EMPTY_LOG
    this.listening = false
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('topic')) void this.#listen()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#leaving.abort()
  }

  async #listen(after?: number): Promise<void> {
    this.#leaving.abort()
    this.#leaving = new AbortController()
    const { signal } = this.#leaving
    this.log = EMPTY_LOG
    this.error = undefined
    this.listening = false
    try {
      const messages = this.client.topic(this.topic, { signal, ...(after === undefined ? {} : { after }) })
      followedStreams.add(messages)
      await messages.ready
      this.listening = true
      for await (const message of messages) this.log = addEvents(this.log, [message])
    } catch (error) {
      if (!signal.aborted) this.error = error
    }
  }

  protected override render(): unknown {
    const { shown, waiting, paused } = this.log
    return html`
      <div class="column">
        <div class="head">
          <h1>${this.topic}</h1>
          <span class="small soft">times in ${timeZone}</span>
        </div>
        <publish-form .client=${this.client} .topic=${this.topic}></publish-form>
        <error-notice .error=${this.error} retryable @retry=${() => this.#listen()} ?hidden=${this.error === undefined}></error-notice>
        <div class="bar">
          <h2>Messages</h2>
          <div>
            <button class="quiet small" @click=${() => this.#listen(-1)}>Last 24 hours</button>
            <button class="small" aria-pressed=${paused} @click=${this.#togglePause}>
              ${paused ? `Resume${waiting.length > 0 ? ` (${waiting.length} new)` : ''}` : 'Pause'}
            </button>
          </div>
        </div>
        <ol role="log" aria-label="Messages of ${this.topic}">
          ${repeat(
            shown.toReversed(),
            ({ sequence }) => sequence,
            (message) => messageOf(message),
          )}
        </ol>
        ${shown.length === 0 && this.error === undefined ? this.#empty() : nothing}
      </div>
    `
  }

  #empty(): unknown {
    return html`<p class="card empty soft" role="status">${this.listening ? 'Listening. New messages appear here.' : 'Connecting…'}</p>`
  }

  #togglePause(): void {
    this.log = togglePause(this.log)
  }
}

function messageOf({ sequence, time: at, data }: TopicEvent): unknown {
  const body = typeof data.data === 'string' ? data.data : JSON.stringify(data.data, null, 2)
  return html`
    <li class="card">
      <p class="facts small soft">
        <time datetime=${at} title=${at}>${timeOfDay(at)}</time>
        <span>#${sequence}</span><span>${data.type}</span><span>from ${data.source}</span>
      </p>
      <pre tabindex="0">${body}</pre>
    </li>
  `
}

customElements.define('topic-page', TopicPage)
