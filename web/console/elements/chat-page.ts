import { css, html, LitElement, nothing, type PropertyValues } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { Agent } from '#shared/protocol/agent.ts'
import type { Client } from '../../client/index.ts'
import { modelName } from '../model-name.ts'
import type { Question } from '../question.ts'
import { keepAtEnd, type StickyScroll } from '../sticky-scroll.ts'
import { loadTurns, saveTurns, type TurnRecord } from '../turn-store.ts'
import { ChatTurn } from './chat-turn.ts'
import './error-notice.ts'
import { MessageComposer } from './message-composer.ts'
import { sharedStyles } from './shared-styles.ts'

/** A chat with one agent, which is one conversation. Turns are stored in the tab: a reload in mid-answer goes on from the cursor. */
export class ChatPage extends LitElement {
  static override properties = {
    client: { attribute: false },
    token: { attribute: false },
    agentId: {},
    agent: { state: true },
    error: { state: true },
    turns: { state: true },
    atEnd: { state: true },
    dragging: { state: true },
  }
  static override styles = [
    sharedStyles,
    css`
      :host { display: grid; grid-template: auto minmax(0, 1fr) auto / minmax(0, 1fr); min-height: 0; position: relative; overflow-wrap: anywhere; }
      .inner { width: 100%; max-width: 48rem; margin-inline: auto; padding-inline: 1rem; }
      header { border-bottom: 1px solid var(--line); padding-block: 0.375rem; }
      header .inner { display: grid; grid-template-columns: minmax(0, 1fr) auto; align-items: center; gap: 0.75rem; min-height: 2.5rem; }
      header .name { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 0.75rem; }
      .scroll { overflow-y: auto; overscroll-behavior: contain; position: relative; }
      .log { padding-block: 1.5rem; display: grid; gap: 2rem; }
      .hint { padding-block: clamp(1rem, 12vh, 6rem); text-align: center; display: grid; gap: 0.5rem; }
      footer { padding-block: 0 0.75rem; position: relative; }
      .jump { position: absolute; bottom: calc(100% + 0.5rem); left: 50%; translate: -50%; border-radius: 2rem; box-shadow: 0 2px 10px rgb(0 0 0 / 0.15); white-space: nowrap; }
      .keys { text-align: center; padding-top: 0.375rem; }
      .drop { position: absolute; inset: 0.5rem; z-index: 1; display: grid; place-items: center; border: 2px dashed var(--accent); border-radius: var(--radius);
        background: color-mix(in oklab, var(--accent-wash), transparent 8%); pointer-events: none; }
      @media (max-height: 28rem) { .keys { display: none; } }
    `,
  ]

  declare client: Client
  declare token: string
  declare agentId: string
  declare agent: Agent | undefined
  declare error: unknown
  declare turns: TurnRecord[]
  declare atEnd: boolean
  /** Whether somebody holds files over the page. */
  declare dragging: boolean
  #scroll: StickyScroll | undefined
  #leaving = new AbortController()

  constructor() {
    super()
    this.turns = []
    this.atEnd = true
    this.dragging = false
    this.addEventListener('dragover', this.#dragOver)
    this.addEventListener('dragleave', this.#dragLeave)
    this.addEventListener('drop', this.#drop)
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#leaving = new AbortController()
    window.addEventListener('pagehide', () => this.#store(), { signal: this.#leaving.signal })
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#store()
    this.#leaving.abort()
    this.#scroll?.stop()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('agentId')) return
    this.turns = loadTurns(this.agentId)
    void this.#load()
  }

  protected override firstUpdated(): void {
    const scroll = this.renderRoot.querySelector<HTMLElement>('.scroll')
    const log = this.renderRoot.querySelector<HTMLElement>('.log')
    if (scroll && log) {
      this.#scroll = keepAtEnd(scroll, log, (atEnd) => {
        this.atEnd = atEnd
      })
    }
    this.#composer?.focus()
  }

  get #composer(): MessageComposer | null {
    const composer = this.renderRoot.querySelector('message-composer')
    return composer instanceof MessageComposer ? composer : null
  }

  async #load(): Promise<void> {
    this.error = undefined
    const { signal } = this.#leaving
    try {
      this.agent = await this.client.agent(this.agentId, { signal })
    } catch (error) {
      if (!signal.aborted) this.error = error
    }
  }

  /** What the turns on the page say of themselves is newer than what they were made from. */
  #store(): void {
    const shown = [...this.renderRoot.querySelectorAll('chat-turn')].filter((element) => element instanceof ChatTurn)
    saveTurns(
      this.agentId,
      shown.map((element) => element.record),
    )
  }

  #ask({ detail: question }: CustomEvent<Question>): void {
    const conversationId = this.turns.at(-1)?.conversationId ?? crypto.randomUUID()
    this.turns = [...this.turns, { agentId: this.agentId, key: crypto.randomUUID(), ...question, conversationId }]
    this.#scroll?.toEnd()
    void this.updateComplete.then(() => this.#store())
  }

  /** A file that is dropped beside the question would take the place of the page. */
  #dragOver(event: DragEvent): void {
    if (!event.dataTransfer?.types.includes('Files')) return
    event.preventDefault()
    event.dataTransfer.dropEffect = 'copy'
    this.dragging = true
  }

  #dragLeave({ relatedTarget }: DragEvent): void {
    if (!(relatedTarget instanceof Node) || !this.contains(relatedTarget)) this.dragging = false
  }

  #drop(event: DragEvent): void {
    this.dragging = false
    if (!event.dataTransfer?.types.includes('Files')) return
    event.preventDefault()
    this.#composer?.attach([...event.dataTransfer.files])
  }

  #clear(): void {
    this.turns = []
    saveTurns(this.agentId, [])
    this.#composer?.focus()
  }

  protected override render(): unknown {
    const name = this.agent?.name ?? this.agentId
    return html`
      <header>
        <div class="inner">
          <div class="name">
            <h1>${name}</h1>
            <span class="small soft">${this.agent ? `${modelName(this.agent)} · ${this.agent.status}` : nothing}</span>
          </div>
          ${this.turns.length > 0 ? html`<button class="quiet small" @click=${this.#clear}>Clear</button>` : nothing}
        </div>
      </header>
      <div class="scroll" tabindex="-1">
        <div class="inner log" role="log" aria-label="Conversation with ${name}" @turn-change=${this.#storeNewExecution} @ask-again=${this.#ask}>
          <error-notice .error=${this.error} retryable @retry=${this.#load} ?hidden=${this.error === undefined}></error-notice>
          ${
            this.turns.length === 0 && this.error === undefined
              ? html`<div class="hint"><h2>Ask ${name}</h2><p class="soft">${this.agent?.description ?? nothing}</p></div>`
              : nothing
          }
          ${repeat(
            this.turns,
            ({ key }) => key,
            (turn) => html`<chat-turn .client=${this.client} .token=${this.token} .stored=${turn}></chat-turn>`,
          )}
        </div>
      </div>
      ${this.dragging ? html`<div class="drop"><p>Drop images here</p></div>` : nothing}
      <footer>
        <button class="jump small" ?hidden=${this.atEnd} @click=${() => this.#scroll?.toEnd()}>↓ Latest</button>
        <div class="inner">
          <message-composer label="Ask ${name}" .token=${this.token} @send=${this.#ask}></message-composer>
          <p class="keys small soft">Enter sends, Shift+Enter begins a new line. “Clear” begins a new conversation.</p>
        </div>
      </footer>
    `
  }

  /** The id of an execution is stored as soon as it is known; its progress when the page goes. */
  #storeNewExecution({ target }: Event): void {
    if (target instanceof ChatTurn && target.record.executionId !== target.stored.executionId) this.#store()
  }
}

customElements.define('chat-page', ChatPage)
