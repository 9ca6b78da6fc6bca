import { css, html, LitElement, nothing } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { Agent } from '#shared/protocol/agent.ts'
import type { Client } from '../../client/index.ts'
import type { AgentChange } from './agent-card.ts'
import './agent-card.ts'
import './error-notice.ts'
import { sharedStyles } from './shared-styles.ts'

/** The tenant's agents, each a link to its chat with its status and what can be done to it. */
export class AgentsPage extends LitElement {
  static override properties = { client: { attribute: false }, agents: { state: true }, error: { state: true } }
  static override styles = [
    sharedStyles,
    css`
      ul { list-style: none; margin: 0; padding: 0; display: grid; gap: 0.75rem; }
      li { transition: border-color 0.15s; }
      li:hover { border-color: var(--accent); }
      .empty { padding: 2rem 1.25rem; display: grid; gap: 0.5rem; text-align: center; }
    `,
  ]

  declare client: Client
  declare agents: Agent[] | undefined
  declare error: unknown
  #loading = new AbortController()

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#load()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#loading.abort()
  }

  async #load(): Promise<void> {
    this.#loading = new AbortController()
    const { signal } = this.#loading
    this.error = undefined
    try {
      this.agents = await this.client.agents({ signal })
    } catch (error) {
      if (!signal.aborted) this.error = error
    }
  }

  #apply({ detail: { agentId, agent } }: CustomEvent<AgentChange>): void {
    this.error = undefined
    this.agents = this.agents?.flatMap((known) => (known.agentId === agentId ? (agent ?? []) : known))
  }

  /** What a verb failed with; the list may be of yesterday. */
  async #showError({ detail }: CustomEvent<unknown>): Promise<void> {
    await this.#load()
    this.error = detail
  }

  protected override render(): unknown {
    return html`
      <div class="column" @agent-change=${this.#apply} @agent-error=${this.#showError}>
        <h1>Agents</h1>
        <error-notice .error=${this.error} retryable @retry=${this.#load} ?hidden=${this.error === undefined}></error-notice>
        ${this.agents ? this.#list(this.agents) : this.error === undefined ? html`<p class="soft" role="status">Loading…</p>` : nothing}
      </div>
    `
  }

  #list(agents: Agent[]): unknown {
    if (agents.length === 0) {
      return html`
        <div class="card empty">
          <h2>No agents yet</h2>
          <p class="soft">Create the first one with <code>POST /v1/agents</code>; it appears here.</p>
        </div>
      `
    }
    return html`<ul>${repeat(
      agents,
      ({ agentId }) => agentId,
      (agent) => html`<li class="card"><agent-card .client=${this.client} .agent=${agent}></agent-card></li>`,
    )}</ul>`
  }
}

customElements.define('agents-page', AgentsPage)
