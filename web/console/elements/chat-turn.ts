import { css, html, LitElement, nothing, type PropertyValues } from 'lit'
import {
  type Client,
  type ExecutionResult,
  type ExecutionState,
  type PacedText,
  pacedText,
  type StreamStatus,
} from '../../client/index.ts'
import type { Question, QuestionImage } from '../question.ts'
import { startTurn, type Turn } from '../turn.ts'
import type { TurnRecord } from '../turn-store.ts'
import './error-notice.ts'
import './question-image.ts'
import { sharedStyles } from './shared-styles.ts'
import './step-list.ts'

/**
 * A question and its answer. Asks or goes on by itself when it is shown. Fires `turn-change` when there is something to store, `ask-again` with
 * the question when the user wants another answer.
 */
export class ChatTurn extends LitElement {
  static override properties = {
    client: { attribute: false },
    token: { attribute: false },
    stored: { attribute: false },
    cancelError: { state: true },
  }
  static override styles = [
    sharedStyles,
    css`
      :host { display: grid; gap: 1rem; }
      .text { white-space: pre-wrap; overflow-wrap: anywhere; }
      .question { justify-self: end; max-width: 85%; background: var(--accent-wash); border-radius: 1rem 1rem 0.25rem 1rem; padding: 0.625rem 1rem; }
      .images { list-style: none; margin: 0; padding: 0; justify-self: end; max-width: 100%; display: flex; flex-wrap: wrap; justify-content: end; gap: 0.5rem; }
      .images li { max-width: 100%; }
      .answer { display: grid; gap: 0.625rem; }
      .caret::after { content: ''; display: inline-block; width: 0.5em; height: 1.05em; margin-left: 0.125em; vertical-align: text-bottom;
        border-radius: 1px; background: var(--accent); animation: blink 1.1s steps(2, jump-none) infinite; }
      @keyframes blink { to { opacity: 0; } }
      details { border-left: 2px solid var(--line); padding-left: 0.875rem; }
      summary { cursor: pointer; width: fit-content; border-radius: 0.25rem; }
      .retry { background: var(--warn-wash); border-radius: 0.5rem; padding: 0.5rem 0.875rem; }
      .facts { display: flex; flex-wrap: wrap; gap: 0 1rem; font-variant-numeric: tabular-nums; }
      .verified.completed { color: var(--good); }
    `,
  ]

  declare client: Client
  /** Decides on calls of tools, and reads images. */
  declare token: string
  declare stored: TurnRecord
  declare cancelError: unknown
  #turn: Turn | undefined
  #pacer: PacedText | undefined

  get record(): TurnRecord {
    return this.#turn?.record ?? this.stored
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('stored')) return
    this.#stop()
    this.#pacer = pacedText(() => this.requestUpdate(), { initial: this.stored.state?.text ?? '' })
    this.#turn = startTurn(this.client, this.stored, () => this.#onChange())
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stop()
  }

  #stop(): void {
    this.#turn?.stop()
    this.#pacer?.stop()
  }

  #onChange(): void {
    this.#pacer?.set(this.#turn?.state.text ?? '')
    this.requestUpdate()
    this.dispatchEvent(new Event('turn-change', { bubbles: true }))
  }

  protected override render(): unknown {
    if (!this.#turn || !this.#pacer) return nothing
    const { state, steps, result, error } = this.#turn
    const text = this.#pacer.shown
    const busy = error === undefined && (result === undefined || text !== state.text)
    return html`
      <div class="question text"><span class="visually-hidden">You: </span>${this.stored.content}</div>
      ${this.stored.images ? this.#images(this.stored.images) : nothing}
      <div class="answer" aria-live="polite" aria-busy=${busy} data-status=${state.status}>
        ${state.thinking ? thinkingOf(state, busy) : nothing}
        <step-list .steps=${steps} .token=${this.token} ?running=${result === undefined} ?hidden=${steps.length === 0}></step-list>
        ${text ? html`<div class="text said ${busy ? 'caret' : ''}"><span class="visually-hidden">Agent: </span><span>${text}</span></div>` : nothing}
        ${busy ? progressOf(state, this.#turn.status) : nothing}
        ${
          result === undefined && error === undefined && this.record.executionId !== undefined
            ? html`<p><button class="quiet small" @click=${this.#cancel}>Stop</button></p>`
            : nothing
        }
        ${this.cancelError === undefined ? nothing : html`<error-notice .error=${this.cancelError} retryable @retry=${this.#cancel}></error-notice>`}
        ${result?.error ? html`<error-notice .error=${result.error} retryable @retry=${this.#askAgain}></error-notice>` : nothing}
        ${error === undefined ? nothing : html`<error-notice .error=${error} retryable @retry=${this.#retry}></error-notice>`}
        ${result && !busy ? factsOf(result, state) : nothing}
      </div>
    `
  }

  #images(images: readonly QuestionImage[]): unknown {
    return html`
      <ul class="images" aria-label="Images of the question">${images.map(
        (image) => html`<li><question-image .token=${this.token} .image=${image}></question-image></li>`,
      )}</ul>
    `
  }

  /** A failed execution stays as it is; asking again is a new turn. */
  #askAgain(): void {
    const { content, images } = this.stored
    const detail: Question = { content, ...(images && { images }) }
    this.dispatchEvent(new CustomEvent('ask-again', { bubbles: true, detail }))
  }

  /** What was said until then is kept. */
  async #cancel(): Promise<void> {
    const { executionId } = this.record
    this.cancelError = undefined
    try {
      if (executionId !== undefined) await this.client.cancelExecution(executionId)
    } catch (error) {
      // It may have ended by itself a moment ago.
      if (this.#turn?.result === undefined) this.cancelError = error
    }
  }

  #retry(): void {
    this.#turn?.retry()
    this.requestUpdate()
  }
}

function thinkingOf({ thinking, text }: ExecutionState, busy: boolean): unknown {
  return html`
    <details>
      <summary class="small soft">${busy && text === '' ? 'Thinking…' : 'Thoughts'}</summary>
      <p class="text small soft">${thinking}</p>
    </details>
  `
}

function progressOf({ status, text, thinking, retry }: ExecutionState, stream: StreamStatus | undefined): unknown {
  if (stream === 'offline')
    return html`<p class="small soft" role="status">No connection. The answer goes on from here once it is back.</p>`
  if (stream === 'stalled') return html`<p class="small soft" role="status">Nothing new for a while. Asking how it is…</p>`
  if (retry) {
    const seconds = Math.ceil(retry.delayMs / 1_000)
    return html`
      <p class="retry small" role="status">
        Attempt ${retry.attempt - 1} failed: ${retry.detail} <code>${retry.code}</code>. Attempt ${retry.attempt} begins in ${seconds} s.
      </p>
    `
  }
  if (text || thinking) return nothing
  return html`<p class="small soft caret">${status === 'queued' ? 'Waiting for the agent' : 'The agent is at it'}</p>`
}

const count = new Intl.NumberFormat()

function factsOf({ status, events, sha256, usage }: ExecutionResult, { model }: ExecutionState): unknown {
  const outcome = status === 'completed' ? '✓ Complete' : status.replace('_', ' ').replace(/^./, (letter) => letter.toUpperCase())
  return html`
    <p class="facts small soft">
      <span class="verified ${status}" title="SHA-256 ${sha256}">${outcome}: ${count.format(events)} events, hash ok</span>
      ${usage ? html`<span>${count.format(usage.inputTokens)} tokens in, ${count.format(usage.outputTokens)} out</span>` : nothing}
      ${model ? html`<span>${model.model}</span>` : nothing}
    </p>
  `
}

customElements.define('chat-turn', ChatTurn)
