import { css, html, LitElement, nothing, type PropertyValues } from 'lit'
import type { Agent } from '#shared/protocol/agent.ts'
import { type AgentVerb, allowedVerbs } from '#shared/protocol/agent-lifecycle.ts'
import { type Client, SluiceClientError } from '../../client/index.ts'
import { modelName } from '../model-name.ts'
import { agentLink } from '../route.ts'
import { sharedStyles } from './shared-styles.ts'

/** What became of an agent: as it is now, or gone. */
export type AgentChange = { agentId: string; agent: Agent | undefined }

/** How long a passing status is looked at again, in milliseconds. */
const LOOK_AGAIN_MS = 2_000

/**
 * An agent: a link to its chat, how it is, and what can be done to it. Fires `agent-change` with an {@link AgentChange}, and `agent-error` with
 * what a verb failed with.
 */
export class AgentCard extends LitElement {
  static override properties = {
    client: { attribute: false },
    agent: { attribute: false },
    busy: { state: true },
    deleting: { state: true },
  }
  static override styles = [
    sharedStyles,
    css`
      :host { position: relative; display: grid; gap: 0.25rem; padding: 1rem 1.125rem; }
      h2 a { color: var(--ink); text-decoration: none; }
      h2 a::after { content: ''; position: absolute; inset: 0; border-radius: var(--radius); }
      h2 a:focus-visible { outline: none; }
      h2 a:focus-visible::after { outline: 2px solid var(--accent); outline-offset: 2px; }
      .facts { display: flex; flex-wrap: wrap; gap: 0.125rem 1rem; overflow-wrap: anywhere; }
      .dot::before { content: ''; display: inline-block; width: 0.5rem; height: 0.5rem; border-radius: 50%; margin-right: 0.4375rem; background: var(--line-strong); }
      .running::before, .healthy::before { background: var(--good); }
      .failed::before, .unhealthy::before { background: var(--bad); }
      .paused::before, .starting::before, .stopping::before { background: var(--warn); }
      .bad { color: var(--bad); overflow-wrap: anywhere; }
      .actions { position: relative; display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem; margin: 0.375rem 0 -0.25rem -0.625rem; justify-self: start; }
      .actions p { padding-inline: 0.625rem; }
      .confirm { margin-left: 0.625rem; }
      [aria-disabled='true'] { opacity: 0.5; cursor: default; }
    `,
  ]

  declare client: Client
  declare agent: Agent
  /** The verb that is under way. */
  declare busy: AgentVerb | undefined
  /** Whether the question stands if it shall really be deleted. */
  declare deleting: boolean
  #leaving = new AbortController()
  #lookAgain: ReturnType<typeof setTimeout> | undefined

  constructor() {
    super()
    this.deleting = false
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#leaving = new AbortController()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#leaving.abort()
    clearTimeout(this.#lookAgain)
  }

  protected override updated(changed: PropertyValues<this>): void {
    // The focus follows the question and goes back to where it came from.
    if (this.deleting) this.renderRoot.querySelector<HTMLElement>('.confirm')?.focus()
    else if (changed.get('deleting')) this.renderRoot.querySelector<HTMLElement>('.actions button:last-of-type')?.focus()
    clearTimeout(this.#lookAgain)
    const passing = this.agent.status === 'starting' || this.agent.status === 'stopping'
    if (passing && this.isConnected) this.#lookAgain = setTimeout(() => void this.#look(), LOOK_AGAIN_MS)
  }

  async #look(): Promise<void> {
    const { signal } = this.#leaving
    try {
      this.#tell(await this.client.agent(this.agent.agentId, { signal }))
    } catch (error) {
      if (error instanceof SluiceClientError && error.code === 'not_found') this.#tell(undefined)
      // The next look may do better.
      else if (!signal.aborted) this.requestUpdate()
    }
  }

  async #change(verb: AgentVerb): Promise<void> {
    if (this.busy) return
    const { signal } = this.#leaving
    this.busy = verb
    this.deleting = false
    try {
      this.#tell(await this.client.changeAgent(this.agent.agentId, verb, { signal }))
    } catch (error) {
      if (!signal.aborted) this.dispatchEvent(new CustomEvent('agent-error', { bubbles: true, composed: true, detail: error }))
    } finally {
      this.busy = undefined
    }
  }

  #tell(agent: Agent | undefined): void {
    const detail: AgentChange = { agentId: this.agent.agentId, agent }
    this.dispatchEvent(new CustomEvent('agent-change', { bubbles: true, composed: true, detail }))
  }

  protected override render(): unknown {
    const { agentId, name, description, status, statusReason, health, healthDetail, topics } = this.agent
    return html`
      <h2><a href=${agentLink(agentId)}>${name}</a></h2>
      ${description ? html`<p>${description}</p>` : nothing}
      <p class="facts small soft">
        <span class="dot ${status}" role="status">${status}</span>
        ${health === 'unknown' ? nothing : html`<span class="dot ${health}">${health}</span>`}
        <span>${modelName(this.agent)}</span>
        ${topics.length > 0 ? html`<span>listens to ${topics.join(', ')}</span>` : nothing}
      </p>
      ${statusReason ? html`<p class="small bad">${statusReason.detail}</p>` : nothing}
      ${health === 'unhealthy' && healthDetail ? html`<p class="small bad">${healthDetail}</p>` : nothing}
      <div class="actions" role="group" aria-label="Actions for ${name}">
        ${this.deleting ? this.#question() : allowedVerbs(status).map((verb) => this.#button(verb))}
      </div>
    `
  }

  #button(verb: AgentVerb): unknown {
    const onClick = (): void => {
      if (verb === 'delete') this.deleting = true
      else void this.#change(verb)
    }
    // Disabled buttons would lose the focus.
    return html`<button class="quiet small" aria-disabled=${this.busy !== undefined} @click=${onClick}>${LABELS[verb]}</button>`
  }

  #question(): unknown {
    return html`
      <p class="small">Delete it? What waits for it is cancelled.</p>
      <button class="confirm small" @click=${() => void this.#change('delete')}>Delete</button>
      <button class="quiet small" @click=${() => (this.deleting = false)}>Keep</button>
    `
  }
}

const LABELS: Record<AgentVerb, string> = { start: 'Start', pause: 'Pause', resume: 'Resume', stop: 'Stop', delete: 'Delete…' }

customElements.define('agent-card', AgentCard)
