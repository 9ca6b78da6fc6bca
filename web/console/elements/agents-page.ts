import { css, html, LitElement, nothing } from 'lit'
import type { Agent } from '#shared/protocol/agent.ts'
import type { Client } from '../../client/index.ts'
import { agentLink } from '../route.ts'
import './error-notice.ts'
import { sharedStyles } from './shared-styles.ts'

/** The tenant's agents, each a link to its chat. */
export class AgentsPage extends LitElement {
  static override properties = { client: { attribute: false }, agents: { state: true }, error: { state: true } }
  static override styles = [
    sharedStyles,
    css`
      ul { list-style: none; margin: 0; padding: 0; display: grid; gap: 0.75rem; }
      li { position: relative; padding: 1rem 1.125rem; display: grid; gap: 0.25rem; transition: border-color 0.15s; }
      li:hover { border-color: var(--accent); }
      h2 a { color: var(--ink); text-decoration: none; }
      h2 a::after { content: ''; position: absolute; inset: 0; border-radius: var(--radius); }
      h2 a:focus-visible { outline: none; }
      h2 a:focus-visible::after { outline: 2px solid var(--accent); outline-offset: 2px; }
      .facts { display: flex; flex-wrap: wrap; gap: 0.125rem 1rem; overflow-wrap: anywhere; }
      .status::before { content: ''; display: inline-block; width: 0.5rem; height: 0.5rem; border-radius: 50%; margin-right: 0.4375rem; background: var(--line-strong); }
      .running::before { background: var(--good); }
      .failed::before { background: var(--bad); }
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

  protected override render(): unknown {
    return html`
      <div class="column">
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
    return html`<ul>${agents.map((agent) => this.#item(agent))}</ul>`
  }

  #item({ agentId, name, description, status, llm, topics }: Agent): unknown {
    return html`
      <li class="card">
        <h2><a href=${agentLink(agentId)}>${name}</a></h2>
        ${description ? html`<p>${description}</p>` : nothing}
        <p class="facts small soft">
          <span class="status ${status}">${status}</span>
          <span>${llm.provider} · ${llm.model}</span>
          ${topics.length > 0 ? html`<span>listens to ${topics.join(', ')}</span>` : nothing}
        </p>
      </li>
    `
  }
}

customElements.define('agents-page', AgentsPage)
