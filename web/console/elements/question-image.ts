import { css, html, LitElement } from 'lit'
import type { AttachmentContent } from '#shared/protocol/attachment.ts'
import { createApi } from '../api.ts'
import { Attempts } from '../attempts.ts'
import type { QuestionImage as Image } from '../question.ts'
import { sharedStyles } from './shared-styles.ts'

/** An image of a question that was asked. It is read from the server when it comes into view, where the page does not have it. */
export class QuestionImage extends LitElement {
  static override properties = { token: { attribute: false }, image: { attribute: false }, address: { state: true } }
  static override styles = [
    sharedStyles,
    css`
      :host { display: block; max-width: 100%; }
      button.image { display: block; padding: 0; border-radius: 0.625rem; overflow: hidden; min-width: 3rem; max-width: 100%; height: 9rem; cursor: zoom-in; background: var(--sunken); }
      .image img { display: block; height: 100%; max-width: 100%; object-fit: contain; }
      .none { min-width: 8rem; max-width: 100%; height: 9rem; padding: 0.75rem; border: 1px dashed var(--line-strong); border-radius: 0.625rem; overflow: hidden;
        display: grid; gap: 0.25rem; align-content: center; justify-items: center; text-align: center; overflow-wrap: anywhere; }
      dialog { padding: 0.75rem; border: 1px solid var(--line); border-radius: var(--radius); background: var(--surface); color: var(--ink); max-width: 96vw; max-height: 96vh; }
      dialog::backdrop { background: rgb(0 0 0 / 0.6); }
      dialog img { display: block; max-width: 100%; max-height: 80vh; margin-inline: auto; }
      .top { display: flex; gap: 1rem; align-items: center; justify-content: space-between; margin-bottom: 0.5rem; overflow-wrap: anywhere; }
    `,
  ]

  declare token: string
  declare image: Image
  /** What was read. */
  declare address: string | undefined
  #attempts = new Attempts(this)
  #view: IntersectionObserver | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    this.#view = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) this.#come()
    })
    this.#view.observe(this)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#view?.disconnect()
  }

  #come(): void {
    this.#view?.disconnect()
    if (this.image.address === undefined) void this.#read()
  }

  #read(): Promise<void> {
    return this.#attempts.run(async (signal) => {
      const path = `/v1/attachments/${encodeURIComponent(this.image.attachmentId)}`
      const { mediaType, data } = await createApi(this.token)<AttachmentContent>(path, { signal })
      this.address = `data:${mediaType};base64,${data}`
    })
  }

  get #dialog(): HTMLDialogElement | null {
    return this.renderRoot.querySelector('dialog')
  }

  protected override render(): unknown {
    const { name } = this.image
    const address = this.image.address ?? this.address
    if (address === undefined) return this.#none(name)
    return html`
      <button class="image" aria-label="Enlarge ${name}" @click=${() => this.#dialog?.showModal()}><img src=${address} alt=${name} /></button>
      <dialog aria-label=${name} @click=${this.#closeOutside}>
        <div class="top"><strong>${name}</strong><button class="small" @click=${() => this.#dialog?.close()}>Close</button></div>
        <img src=${address} alt=${name} />
      </dialog>
    `
  }

  #none(name: string): unknown {
    const { error } = this.#attempts
    return html`
      <div class="none small" role="group" aria-label=${name}>
        <span>${name}</span>
        ${error === undefined ? html`<span class="soft">Reading…</span>` : this.#failure(error)}
      </div>
    `
  }

  #failure(error: unknown): unknown {
    const isGone = typeof error === 'object' && error !== null && 'code' in error && error.code === 'not_found'
    if (isGone) return html`<span class="soft">no longer kept</span>`
    return html`<span class="soft">cannot be read now</span><button class="small" @click=${this.#read}>Try again</button>`
  }

  /** A click beside it, which the dialog itself gets. */
  #closeOutside({ target }: Event): void {
    if (target === this.#dialog) this.#dialog?.close()
  }
}

customElements.define('question-image', QuestionImage)
