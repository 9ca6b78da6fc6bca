import { css, html, LitElement, nothing } from 'lit'
import type { Client } from '../../client/index.ts'
import { Attempts } from '../attempts.ts'
import { topicLink } from '../route.ts'
import { sharedStyles } from './shared-styles.ts'

/** Opens the live page of a topic: one an agent listens to, or any other by name. */
export class TopicsPage extends LitElement {
  static override properties = { client: { attribute: false }, topics: { state: true } }
  static override styles = [
    sharedStyles,
    css`
      ul { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: 0.5rem; }
      li a { display: block; padding: 0.5rem 1rem; text-decoration: none; overflow-wrap: anywhere; }
      li a:hover { border-color: var(--accent); }
      form { display: grid; gap: 0.375rem; }
      .row { display: flex; gap: 0.5rem; }
    `,
  ]

  declare client: Client
  declare topics: string[]
  #attempts = new Attempts(this)

  constructor() {
    super()
    this.topics = []
  }

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#load()
  }

  #load(): Promise<void> {
    return this.#attempts.run(async (signal) => {
      const agents = await this.client.agents({ signal })
      this.topics = [...new Set(agents.flatMap((agent) => agent.topics))].sort()
    })
  }

  #open(event: SubmitEvent): void {
    event.preventDefault()
    const topic = this.renderRoot.querySelector('input')?.value
    if (topic) location.hash = topicLink(topic)
  }

  protected override render(): unknown {
    return html`
      <div class="column">
        <h1>Topics</h1>
        <error-notice .error=${this.#attempts.error} ?hidden=${this.#attempts.error === undefined}></error-notice>
        ${
          this.topics.length > 0
            ? html`
              <p class="soft">Topics that agents listen to:</p>
              <ul>${this.topics.map((topic) => html`<li><a class="card" href=${topicLink(topic)}>${topic}</a></li>`)}</ul>
            `
            : nothing
        }
        <form @submit=${this.#open}>
          <label for="topic">Any topic</label>
          <div class="row">
            <input id="topic" required autocomplete="off" autocapitalize="off" spellcheck="false"
              pattern="[A-Za-z0-9][A-Za-z0-9_.\\-]{0,127}" title="1 to 128 letters, digits, “.”, “_” or “-”" />
            <button class="primary">Open</button>
          </div>
        </form>
      </div>
    `
  }
}

customElements.define('topics-page', TopicsPage)
