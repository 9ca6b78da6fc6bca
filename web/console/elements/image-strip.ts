import { css, html, LitElement } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { Upload } from '../image-uploads.ts'
import { sharedStyles } from './shared-styles.ts'

/** Images of a question that is being written, with how far each is. Fires `remove-image` with the one that is not wanted. */
export class ImageStrip extends LitElement {
  static override properties = { uploads: { attribute: false } }
  static override styles = [
    sharedStyles,
    css`
      :host { display: block; }
      ul { list-style: none; margin: 0; padding: 0.25rem 0.25rem 0.5rem; display: flex; flex-wrap: wrap; gap: 0.5rem; max-height: 11rem; overflow-y: auto; }
      li { position: relative; width: 4.5rem; height: 4.5rem; border: 1px solid var(--line-strong); border-radius: 0.5rem; overflow: hidden; background: var(--sunken); }
      li.failed { border: 2px solid var(--bad); }
      img { width: 100%; height: 100%; object-fit: cover; display: block; }
      .waits img, .failed img { opacity: 0.45; }
      progress { position: absolute; inset: auto 0.375rem 0.375rem; width: calc(100% - 0.75rem); height: 0.375rem; accent-color: var(--accent); }
      .state { position: absolute; inset: auto 0 0; text-align: center; background: var(--bad-wash); color: var(--bad); }
      button { position: absolute; top: 0.125rem; right: 0.125rem; min-height: 0; width: 1.75rem; height: 1.75rem; padding: 0; border-radius: 50%; line-height: 1; }
    `,
  ]

  declare uploads: readonly Upload[]

  protected override render(): unknown {
    return html`
      <ul aria-label="Images of this question">${repeat(
        this.uploads,
        (upload) => upload,
        (upload) => this.#item(upload),
      )}</ul>
    `
  }

  #item(upload: Upload): unknown {
    const { name, address, attachmentId, error } = upload
    const state = error !== undefined ? 'failed' : attachmentId === undefined ? 'waits' : 'kept'
    return html`
      <li class=${state} title=${name}>
        <img src=${address} alt=${name} />
        ${state === 'waits' ? html`<progress aria-label="Sending ${name}"></progress>` : ''}
        ${state === 'failed' ? html`<span class="state small">not sent</span>` : ''}
        <button type="button" aria-label="Remove ${name}" @click=${() => this.#remove(upload)}>✕</button>
      </li>
    `
  }

  #remove(upload: Upload): void {
    this.dispatchEvent(new CustomEvent('remove-image', { detail: upload }))
  }
}

customElements.define('image-strip', ImageStrip)
