import { css, html, LitElement } from 'lit'
import type { Agent } from '#shared/protocol/agent.ts'
import type { Client } from '../../client/index.ts'
import { EVENT_KINDS, type EventKind } from '../event-filter.ts'
import { eventsLink } from '../route.ts'
import { sharedStyles } from './shared-styles.ts'

const LABELS: Record<EventKind, string> = {
  'agent.': 'Agents',
  'execution.': 'Executions',
  'message.': 'Messages',
  'connection.': 'Connections',
}

/** Which events are shown. It changes the address and nothing else. */
export class EventFilterForm extends LitElement {
  static override properties = {
    client: { attribute: false },
    kind: { attribute: false },
    agentId: { attribute: false },
    agents: { state: true },
  }
  static override styles = [
    sharedStyles,
    css`
      form { display: grid; grid-template-columns: repeat(2, minmax(0, 16rem)); gap: 0.75rem; }
      input, select { min-height: 2.25rem; padding-block: 0.25rem; }
      ::placeholder { color: var(--ink-soft); opacity: 1; }
    `,
  ]

  declare client: Client
  declare kind: EventKind | undefined
  declare agentId: string | undefined
  /** Whom the field suggests. */
  declare agents: readonly Agent[]
  #leaving = new AbortController()

  constructor() {
    super()
    this.agents = []
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#leaving = new AbortController()
    void this.#suggest()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#leaving.abort()
  }

  /** Without suggestions an id can still be typed. */
  async #suggest(): Promise<void> {
    const { signal } = this.#leaving
    this.agents = await this.client.agents({ signal }).catch(() => [])
  }

  #apply(event: Event): void {
    event.preventDefault()
    const kind = EVENT_KINDS.find((known) => known === this.renderRoot.querySelector('select')?.value)
    const agentId = this.renderRoot.querySelector('input')?.value.trim()
    location.hash = eventsLink({ ...(kind && { kind }), ...(agentId && { agentId }) })
  }

  protected override render(): unknown {
    return html`
      <form @submit=${this.#apply} @change=${this.#apply} aria-label="Filter">
        <select class="small" aria-label="Kind of events">
          <option value="" .selected=${this.kind === undefined}>Everything</option>
          ${EVENT_KINDS.map((kind) => html`<option value=${kind} .selected=${kind === this.kind}>${LABELS[kind]}</option>`)}
        </select>
        <input class="small" type="search" aria-label="Agent" list="agents" placeholder="All agents" autocomplete="off" autocapitalize="off"
          spellcheck="false" .value=${this.agentId ?? ''} />
        <datalist id="agents">${this.agents.map(({ agentId, name }) => html`<option value=${agentId}>${name}</option>`)}</datalist>
      </form>
    `
  }
}

customElements.define('event-filter-form', EventFilterForm)
