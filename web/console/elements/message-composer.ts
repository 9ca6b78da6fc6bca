import { css, html, LitElement } from 'lit'
import { sharedStyles } from './shared-styles.ts'

/** Where a question is written. Enter sends it, Shift+Enter begins a line. Fires `send` with the text. */
export class MessageComposer extends LitElement {
  static override properties = { label: {}, empty: { state: true } }
  static override styles = [
    sharedStyles,
    css`
      form { display: flex; align-items: flex-end; gap: 0.5rem; padding: 0.5rem; border-color: var(--line-strong); }
      form:focus-within { outline: 2px solid var(--accent); outline-offset: -1px; }
      textarea { border: 0; background: none; resize: none; field-sizing: content; min-height: 2.5rem; max-height: 12rem; flex: 1; padding: 0.4375rem 0.625rem; }
      textarea:focus-visible { outline: none; }
    `,
  ]

  declare label: string
  declare empty: boolean

  constructor() {
    super()
    this.label = 'Message'
    this.empty = true
  }

  override focus(): void {
    void this.updateComplete.then(() => this.renderRoot.querySelector('textarea')?.focus())
  }

  protected override render(): unknown {
    return html`
      <form class="card" @submit=${this.#send}>
        <textarea rows="1" aria-label=${this.label} placeholder=${this.label} enterkeyhint="send"
          @input=${this.#noticeInput} @keydown=${this.#sendOnEnter}></textarea>
        <button class="primary" ?disabled=${this.empty}>Send</button>
      </form>
    `
  }

  #noticeInput({ target }: InputEvent): void {
    this.empty = !(target instanceof HTMLTextAreaElement) || target.value.trim() === ''
  }

  /** While an input method composes, Enter belongs to it. */
  #sendOnEnter(event: KeyboardEvent): void {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) this.#send(event)
  }

  #send(event: Event): void {
    event.preventDefault()
    const field = this.renderRoot.querySelector('textarea')
    const content = field?.value.trim() ?? ''
    if (!field || content === '') return
    field.value = ''
    this.empty = true
    this.dispatchEvent(new CustomEvent('send', { detail: content }))
  }
}

customElements.define('message-composer', MessageComposer)
