import { css, html, LitElement, nothing } from 'lit'
import { createApi } from '../api.ts'
import { ImageUploads, type Upload } from '../image-uploads.ts'
import type { Question } from '../question.ts'
import { ACCEPTED } from '../read-image.ts'
import './error-notice.ts'
import './image-strip.ts'
import { sharedStyles } from './shared-styles.ts'

/** Longest way of an image to the server, in milliseconds: the largest one over a slow line. */
const UPLOAD_MS = 180_000

/**
 * Where a question is written. Enter sends it, Shift+Enter begins a line. Images are chosen, pasted, or given to {@link MessageComposer.attach}. Fires
 * `send` with the {@link Question}.
 */
export class MessageComposer extends LitElement {
  static override properties = { token: { attribute: false }, label: {}, empty: { state: true } }
  static override styles = [
    sharedStyles,
    css`
      :host { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0.5rem; }
      .problems { display: grid; gap: 0.5rem; max-height: 25vh; overflow-y: auto; }
      form { padding: 0.5rem; border-color: var(--line-strong); }
      form:focus-within { outline: 2px solid var(--accent); outline-offset: -1px; }
      .row { display: flex; align-items: flex-end; gap: 0.5rem; }
      textarea { border: 0; background: none; resize: none; field-sizing: content; min-height: 2.5rem; max-height: 12rem; flex: 1; min-width: 0; padding: 0.4375rem 0.25rem; }
      textarea:focus-visible { outline: none; }
      .attach { width: 2.5rem; padding: 0; display: grid; place-items: center; flex: none; }
      svg { width: 1.25rem; height: 1.25rem; fill: none; stroke: currentColor; stroke-width: 1.75; stroke-linecap: round; stroke-linejoin: round; }
    `,
  ]

  /** Sends images. */
  declare token: string
  declare label: string
  declare empty: boolean
  #uploads = new ImageUploads(this, () => createApi(this.token, UPLOAD_MS))

  constructor() {
    super()
    this.label = 'Message'
    this.empty = true
  }

  override focus(): void {
    void this.updateComplete.then(() => this.renderRoot.querySelector('textarea')?.focus())
  }

  /** Adds files to the question; those that are no images are refused, with a reason. */
  attach(files: readonly File[]): void {
    void this.#uploads.add(files)
    this.focus()
  }

  protected override render(): unknown {
    const { items, underWay, failed, refused } = this.#uploads
    return html`
      <div class="problems" ?hidden=${refused.length + failed.length === 0}>
        ${refused.map((refusal) => html`<error-notice .error=${refusal}></error-notice>`)}
        ${failed.slice(0, 1).map(({ error }) => html`<error-notice .error=${error} retryable @retry=${this.#retry}></error-notice>`)}
      </div>
      <form class="card" @submit=${this.#send}>
        ${items.length === 0 ? nothing : html`<image-strip .uploads=${items} @remove-image=${this.#remove}></image-strip>`}
        <div class="row">
          <input type="file" multiple hidden accept=${ACCEPTED} @change=${this.#choose} />
          <button type="button" class="quiet attach" aria-label="Attach images" title="Attach images" @click=${this.#open}>
            <svg viewBox="0 0 24 24" aria-hidden="true">
              <path d="m20 11-8.6 8.6a5.4 5.4 0 0 1-7.6-7.6L12.4 3.4a3.6 3.6 0 0 1 5.1 5.1l-8.6 8.6a1.8 1.8 0 0 1-2.6-2.6l7.9-7.9" />
            </svg>
          </button>
          <textarea rows="1" aria-label=${this.label} placeholder=${items.length === 0 ? this.label : 'Ask about it'} enterkeyhint="send"
            @input=${this.#noticeInput} @keydown=${this.#sendOnEnter} @paste=${this.#paste}></textarea>
          <button class="primary" ?disabled=${!this.#canSend}>Send</button>
        </div>
        <p class="visually-hidden" role="status">${stateOf(items, underWay)}</p>
      </form>
    `
  }

  /** A question waits for its images. */
  get #canSend(): boolean {
    const { underWay, failed } = this.#uploads
    return !this.empty && underWay.length === 0 && failed.length === 0
  }

  #open(): void {
    this.renderRoot.querySelector<HTMLInputElement>('input')?.click()
  }

  #choose({ target }: Event): void {
    if (!(target instanceof HTMLInputElement)) return
    this.attach([...(target.files ?? [])])
    // The same file can be chosen again after it was removed.
    target.value = ''
  }

  /** A text that was copied with its picture, as word processors do, stays a text. */
  #paste(event: ClipboardEvent): void {
    const { clipboardData } = event
    if (!clipboardData || clipboardData.files.length === 0 || clipboardData.getData('text/plain') !== '') return
    event.preventDefault()
    this.attach([...clipboardData.files])
  }

  #remove({ detail }: CustomEvent<Upload>): void {
    this.#uploads.remove(detail)
    this.focus()
  }

  #retry(): void {
    this.#uploads.retry()
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
    if (!field || !this.#canSend) return
    const images = this.#uploads.handOver()
    const detail: Question = { content: field.value.trim(), ...(images.length > 0 && { images }) }
    field.value = ''
    this.empty = true
    this.dispatchEvent(new CustomEvent('send', { detail }))
  }
}

/** For those who do not see it. */
function stateOf(all: readonly Upload[], underWay: readonly Upload[]): string {
  if (all.length === 0) return ''
  return underWay.length > 0 ? `Sending ${imagesOf(underWay.length)}` : `${imagesOf(all.length)} attached`
}

const imagesOf = (count: number): string => `${count} ${count === 1 ? 'image' : 'images'}`

customElements.define('message-composer', MessageComposer)
