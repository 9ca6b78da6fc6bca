import { css, html, LitElement, nothing } from 'lit'
import type { DeadLetter } from '#shared/protocol/dead-letter.ts'
import type { Client } from '../../client/index.ts'
import './confirm-action.ts'
import { sharedStyles } from './shared-styles.ts'

/** What a user wants done with letters. */
export type LetterVerb = 'redrive' | 'discard'

/** A dead letter: why it is one, what it says, and what can be done. Fires `letter-verb` with a {@link LetterVerb}, and `letter-error`. */
export class DeadLetterCard extends LitElement {
  static override properties = {
    client: { attribute: false },
    letter: { attribute: false },
    busy: { type: Boolean },
    whole: { state: true },
  }
  static override styles = [
    sharedStyles,
    css`
      :host { display: grid; gap: 0.375rem; padding: 1rem 1.125rem; min-width: 0; }
      h2 { color: var(--bad); font-family: var(--mono); font-size: 0.9375rem; }
      .detail { overflow-wrap: anywhere; }
      .facts { display: flex; flex-wrap: wrap; gap: 0.125rem 1rem; overflow-wrap: anywhere; }
      pre { margin: 0.25rem 0 0; padding: 0.625rem 0.75rem; background: var(--sunken); border-radius: 0.5rem; max-height: 16rem;
        overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
      .actions { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem; margin: 0.125rem 0 -0.25rem -0.625rem; }
      [aria-disabled='true'] { opacity: 0.5; cursor: default; }
    `,
  ]

  declare client: Client
  declare letter: DeadLetter
  /** Whether something is under way. */
  declare busy: boolean
  /** All of the body, once it was asked for. */
  declare whole: string | undefined
  #leaving = new AbortController()

  constructor() {
    super()
    this.busy = false
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#leaving = new AbortController()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#leaving.abort()
  }

  async #readWhole(): Promise<void> {
    const { signal } = this.#leaving
    try {
      this.whole = (await this.client.deadLetter(this.letter.queue, this.letter.id, { signal })).body
    } catch (error) {
      if (!signal.aborted) this.dispatchEvent(new CustomEvent('letter-error', { detail: error }))
    }
  }

  #fire(verb: LetterVerb): void {
    if (!this.busy) this.dispatchEvent(new CustomEvent<LetterVerb>('letter-verb', { detail: verb }))
  }

  protected override render(): unknown {
    const { queue, code, detail, messageId, topic, agentId, executionId, time, body, truncated } = this.letter
    return html`
      <h2>${code}</h2>
      <p class="detail">${detail}</p>
      <p class="facts small soft">
        <span>queue ${queue}</span>
        ${topic ? html`<span>topic ${topic}</span>` : nothing}
        ${agentId ? html`<span>agent ${agentId}</span>` : nothing}
        ${executionId ? html`<span>execution ${executionId}</span>` : nothing}
        <span>message ${messageId}</span>
        <time datetime=${time}>${new Date(time).toLocaleString()}</time>
      </p>
      <pre tabindex="0" aria-label="Message">${this.whole ?? body}</pre>
      <div class="actions" role="group" aria-label="Actions for ${messageId}">
        <button class="quiet small" aria-disabled=${this.busy} @click=${() => this.#fire('redrive')}>Send back</button>
        <confirm-action label="Discard" question="Discard it for good?" ?busy=${this.busy}
          @confirmed=${() => this.#fire('discard')}></confirm-action>
        ${truncated && this.whole === undefined ? html`<button class="quiet small" @click=${this.#readWhole}>Show all of it</button>` : nothing}
      </div>
    `
  }
}

customElements.define('dead-letter-card', DeadLetterCard)
