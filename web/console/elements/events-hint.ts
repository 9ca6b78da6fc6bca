import { css, html, LitElement, nothing } from 'lit'
import type { EventKind } from '../event-filter.ts'
import { agentLink, eventsLink } from '../route.ts'
import { sharedStyles } from './shared-styles.ts'

const askLink = (agentId?: string): string => (agentId === undefined ? '#/agents' : agentLink(agentId))

/** What would appear, and how to make something happen. */
const HINTS: Record<EventKind | 'all', { what: string; how: string; link?(agentId?: string): string }> = {
  all: {
    what: 'What happens to agents, executions, messages and connections appears here as it happens.',
    how: 'Ask an agent something',
    link: askLink,
  },
  'agent.': {
    what: 'An agent that is created, started, paused, changed, unwell or deleted appears here.',
    how: 'Pause an agent, and resume it',
    link: () => '#/agents',
  },
  'execution.': {
    what: 'An execution that is queued, begins, tries again or ends appears here.',
    how: 'Ask an agent something',
    link: askLink,
  },
  'message.': {
    what: 'A message that an agent receives, and what becomes of it, appears here.',
    how: 'Publish one to a topic that an agent listens to',
    link: () => '#/topics',
  },
  'connection.': {
    what: 'A socket that is opened or closed appears here; it belongs to no agent.',
    how: 'Reload this page: its own is closed, and another one opened.',
  },
}

/** Shown in place of events while there are none. */
export class EventsHint extends LitElement {
  static override properties = { kind: { attribute: false }, agentId: { attribute: false } }
  static override styles = [
    sharedStyles,
    css`
      /* What is being read usually comes sooner than this appears. */
      :host { display: grid; gap: 0.5rem; padding: clamp(1rem, 8vh, 4rem) 1.25rem; text-align: center; overflow-wrap: anywhere;
        animation: appear 0.2s 0.4s backwards; }
      @keyframes appear { from { opacity: 0; } }
    `,
  ]

  declare kind: EventKind | undefined
  declare agentId: string | undefined

  protected override render(): unknown {
    const { kind, agentId } = this
    const { what, how, link } = HINTS[kind ?? 'all']
    return html`
      <h2>Nothing yet${agentId === undefined ? nothing : ` about ${agentId}`}</h2>
      <p class="soft">${what}</p>
      <p>${link ? html`<a href=${link(agentId)}>${how}</a>` : how}</p>
      ${agentId === undefined ? nothing : html`<p class="small"><a href=${eventsLink(kind ? { kind } : {})}>Show all agents</a></p>`}
    `
  }
}

customElements.define('events-hint', EventsHint)
