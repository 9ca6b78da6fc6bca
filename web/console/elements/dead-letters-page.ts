import { css, html, LitElement, nothing } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { DeadLetter, DeadLetterFilter, DeadLetterList, SelectDeadLetters } from '#shared/protocol/dead-letter.ts'
import type { Client } from '../../client/index.ts'
import { Attempts } from '../attempts.ts'
import type { LetterVerb } from './dead-letter-card.ts'
import './confirm-action.ts'
import './dead-letter-card.ts'
import './error-notice.ts'
import { sharedStyles } from './shared-styles.ts'

/** Messages that could not be handled: why, and what shall become of them, one by one or all that a filter shows. */
export class DeadLettersPage extends LitElement {
  static override properties = {
    client: { attribute: false },
    page: { state: true },
    filter: { state: true },
    done: { state: true },
  }
  static override styles = [
    sharedStyles,
    css`
      form { display: grid; grid-template-columns: repeat(auto-fit, minmax(7.5rem, 1fr)); gap: 0.5rem 0.75rem; align-items: end; }
      form > div { display: grid; gap: 0.25rem; }
      ul { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: minmax(0, 1fr); gap: 0.75rem; }
      .all { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 0.5rem; min-height: 2.5rem; }
      .all .count { margin-right: auto; }
      @media (max-width: 34rem) { .all .count { width: 100%; } .all confirm-action { margin-left: -0.625rem; } }
      .empty { padding: 2rem 1.25rem; display: grid; gap: 0.5rem; text-align: center; }
    `,
  ]

  declare client: Client
  declare page: DeadLetterList | undefined
  declare filter: DeadLetterFilter
  /** What was done last. */
  declare done: string
  /** One thing after another: looking at letters hides them from the next look. */
  #attempts = new Attempts(this)

  constructor() {
    super()
    this.filter = {}
    this.done = ''
  }

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#load()
  }

  #load(): Promise<void> {
    return this.#attempts.run((signal) => this.#look(signal))
  }

  /** What was looked for with another filter is not shown: what a user discards is what he sees. */
  async #look(signal: AbortSignal): Promise<void> {
    const { filter } = this
    const page = await this.client.deadLetters({ ...filter, signal })
    if (filter === this.filter) this.page = page
  }

  async #search(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    const given = [...new FormData(event.target as HTMLFormElement)].map(([name, value]) => [name, String(value).trim()])
    this.filter = Object.fromEntries(given.filter(([, value]) => value !== ''))
    this.page = undefined
    this.done = ''
    await this.#load()
  }

  async #settle(verb: LetterVerb, selection: SelectDeadLetters): Promise<void> {
    await this.#attempts.run(async (signal) => {
      const answer = await this.client[verb](selection, { signal })
      const count = 'redriven' in answer ? answer.redriven : answer.discarded
      const failed = answer.failed > 0 ? `, ${answer.failed} failed` : ''
      this.done = `${count} ${verb === 'redrive' ? 'sent back' : 'discarded'}${failed}.`
      await this.#look(signal)
    })
  }

  protected override render(): unknown {
    return html`
      <div class="column">
        <h1>Dead letters</h1>
        <p class="soft">Messages that could not be handled. One that is sent back keeps its id: what has run already does not run again.</p>
        ${this.#form()}
        <error-notice .error=${this.#attempts.error} retryable @retry=${this.#load} ?hidden=${this.#attempts.error === undefined}></error-notice>
        ${this.page ? this.#list(this.page) : this.#attempts.error === undefined ? html`<p class="soft" role="status">Looking…</p>` : nothing}
      </div>
    `
  }

  #form(): unknown {
    const field = (name: string, label: string): unknown => html`
      <div><label class="small" for=${name}>${label}</label><input id=${name} name=${name} autocomplete="off" autocapitalize="off" spellcheck="false" /></div>
    `
    return html`
      <form @submit=${this.#search} aria-label="Filter">
        ${field('code', 'Reason')} ${field('topic', 'Topic')} ${field('agentId', 'Agent')}
        <button>Show</button>
      </form>
    `
  }

  #list({ deadLetters, more }: DeadLetterList): unknown {
    if (deadLetters.length === 0) {
      const isFiltered = Object.keys(this.filter).length > 0
      return html`
        <p class="small soft" role="status" ?hidden=${this.done === ''}>${this.done}</p>
        <div class="card empty">
          <h2>${isFiltered ? 'None like this' : 'No dead letters'}</h2>
          <p class="soft">${isFiltered ? 'Other filters may show some.' : 'Every message was handled, or is on its way.'}</p>
        </div>
      `
    }
    return html`
      <div class="all">
        <p class="small soft count" role="status">${this.done} ${deadLetters.length}${more ? ' of more' : ''} here.</p>
        <confirm-action label="Send all back" question="Send back all that the filter shows?" ?busy=${this.#attempts.busy}
          @confirmed=${() => this.#settle('redrive', { filter: this.filter })}></confirm-action>
        <confirm-action label="Discard all" question="Discard all that the filter shows, for good?" ?busy=${this.#attempts.busy}
          @confirmed=${() => this.#settle('discard', { filter: this.filter })}></confirm-action>
      </div>
      <ul>${repeat(
        deadLetters,
        ({ queue, id }) => `${queue}/${id}`,
        (letter) => html`<li class="card">${this.#card(letter)}</li>`,
      )}</ul>
    `
  }

  #card(letter: DeadLetter): unknown {
    return html`
      <dead-letter-card .client=${this.client} .letter=${letter} ?busy=${this.#attempts.busy}
        @letter-verb=${({ detail }: CustomEvent<LetterVerb>) => this.#settle(detail, { queue: letter.queue, ids: [letter.id] })}
        @letter-error=${({ detail }: CustomEvent<unknown>) => this.#attempts.show(detail)}></dead-letter-card>
    `
  }
}

customElements.define('dead-letters-page', DeadLettersPage)
