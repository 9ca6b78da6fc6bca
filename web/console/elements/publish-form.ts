import { css, html, LitElement, nothing } from 'lit'
import type { Client } from '../../client/index.ts'
import './error-notice.ts'
import { sharedStyles } from './shared-styles.ts'

/** Publishes JSON to a topic. */
export class PublishForm extends LitElement {
  static override properties = {
    client: { attribute: false },
    topic: {},
    invalid: { state: true },
    error: { state: true },
    sent: { state: true },
    sending: { state: true },
  }
  static override styles = [
    sharedStyles,
    css`
      form { display: grid; gap: 0.5rem; }
      textarea { font-family: var(--mono); font-size: 0.875rem; field-sizing: content; min-height: 4.5rem; max-height: 20rem; }
      .row { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 0.75rem; }
      .invalid { color: var(--bad); overflow-wrap: anywhere; }
      .sent { color: var(--good); overflow-wrap: anywhere; }
    `,
  ]

  declare client: Client
  declare topic: string
  /** Why the text is not JSON. */
  declare invalid: string | undefined
  declare error: unknown
  /** Id of the message that was accepted last. */
  declare sent: string | undefined
  declare sending: boolean

  constructor() {
    super()
    this.sending = false
  }

  async #publish(event: Event): Promise<void> {
    event.preventDefault()
    const data = this.#parse()
    if (!data || this.sending) return
    this.sending = true
    this.error = undefined
    this.sent = undefined
    try {
      this.sent = (await this.client.publish(this.topic, data.json)).messageId
    } catch (error) {
      this.error = error
    } finally {
      this.sending = false
    }
  }

  #parse(): { json: unknown } | undefined {
    try {
      const json: unknown = JSON.parse(this.renderRoot.querySelector('textarea')?.value ?? '')
      this.invalid = undefined
      return { json }
    } catch (error) {
      this.invalid = error instanceof Error ? error.message : String(error)
      return undefined
    }
  }

  protected override render(): unknown {
    return html`
      <form @submit=${this.#publish}>
        <label for="data">Publish a message</label>
        <textarea id="data" rows="3" spellcheck="false" aria-invalid=${this.invalid !== undefined} aria-describedby="state"
          @keydown=${this.#publishOnCtrlEnter} .defaultValue=${'{ "content": "What is a sluice?" }'}></textarea>
        <div class="row">
          <button class="primary" ?disabled=${this.sending}>Publish</button>
          <p id="state" class="small" role="status">
            ${this.invalid ? html`<span class="invalid">Not valid JSON: ${this.invalid}</span>` : nothing}
            ${this.sent && !this.invalid ? html`<span class="sent">Accepted as <code>${this.sent}</code></span>` : nothing}
          </p>
        </div>
        <error-notice .error=${this.error} ?hidden=${this.error === undefined}></error-notice>
      </form>
    `
  }

  #publishOnCtrlEnter(event: KeyboardEvent): void {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void this.#publish(event)
  }
}

customElements.define('publish-form', PublishForm)
