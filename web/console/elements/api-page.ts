import { css, html, LitElement, nothing } from 'lit'
import { type Chapter, chaptersOf, type OpenApiDocument, type Operation } from '../api-reference/openapi-document.ts'
import { Attempts } from '../attempts.ts'
import { apiLink } from '../route.ts'
import './error-notice.ts'
import './schema-tree.ts'
import { sharedStyles } from './shared-styles.ts'
import './try-operation.ts'

/** Every operation of the HTTP API, as the server describes it, to read and to try. */
export class ApiPage extends LitElement {
  static override properties = {
    token: { attribute: false },
    operationId: { attribute: false },
    document: { state: true },
    search: { state: true },
  }
  static override styles = [
    sharedStyles,
    css`
      .column { max-width: 60rem; }
      .top { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: end; justify-content: space-between; }
      .top input { max-width: 20rem; }
      section { display: grid; gap: 0.5rem; }
      details.card { padding: 0; min-width: 0; }
      details.card > summary { list-style: none; display: grid; grid-template-columns: 4.25rem minmax(0, 1fr); gap: 0 0.75rem; padding: 0.625rem 0.875rem; cursor: pointer; align-items: baseline; }
      summary::-webkit-details-marker { display: none; }
      .method { font: 600 0.75rem/1.5 var(--mono); text-align: center; border-radius: 0.375rem; background: var(--sunken); padding: 0.0625rem 0; }
      .GET { color: var(--accent); } .POST, .PUT, .PATCH { color: var(--good); } .DELETE { color: var(--bad); }
      .path { overflow-wrap: anywhere; }
      .what { grid-column: 2; }
      @media (min-width: 48rem) {
        details.card > summary { grid-template-columns: 4.25rem minmax(0, 1fr) minmax(0, 1fr); }
        .what { grid-column: auto; }
      }
      .inside { border-top: 1px solid var(--line); padding: 0.875rem; display: grid; grid-template-columns: minmax(0, 1fr); gap: 1rem; }
      h3 { margin: 0 0 0.25rem; font-size: 0.8125rem; font-weight: 600; color: var(--ink-soft); }
      .codes { display: grid; gap: 0.25rem; margin: 0; grid-template-columns: 3rem minmax(0, 1fr); } .codes dd { margin: 0; overflow-wrap: anywhere; }
      .prose { white-space: pre-line; }
    `,
  ]

  declare token: string
  /** The operation that is open; none when undefined. */
  declare operationId: string | undefined
  declare document: OpenApiDocument | undefined
  declare search: string
  #attempts = new Attempts(this)

  constructor() {
    super()
    this.search = ''
  }

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#load()
  }

  #load(): Promise<void> {
    return this.#attempts.run(async (signal) => {
      const response = await fetch('/v1/openapi.json', { signal })
      if (!response.ok) throw new Error(`the description of the API cannot be read: the server answered ${response.status}`)
      this.document = await response.json()
      await this.updateComplete
      this.renderRoot.querySelector('details[open]')?.scrollIntoView({ block: 'start' })
    })
  }

  protected override render(): unknown {
    return html`
      <div class="column">
        <div class="top">
          <div>
            <h1>API</h1>
            <p class="soft">As the server describes itself: <a href="/v1/openapi.json">OpenAPI 3.1</a>.</p>
          </div>
          <input type="search" aria-label="Search operations" placeholder="Search" @input=${(event: InputEvent) => (this.search = (event.target as HTMLInputElement).value)} />
        </div>
        <error-notice .error=${this.#attempts.error} retryable @retry=${this.#load} ?hidden=${this.#attempts.error === undefined}></error-notice>
        ${this.document ? this.#chapters(this.document) : this.#attempts.error === undefined ? html`<p class="soft" role="status">Reading…</p>` : nothing}
      </div>
    `
  }

  #chapters(document: OpenApiDocument): unknown {
    const chapters = chaptersOf(document, this.search)
    if (chapters.length === 0) return html`<p class="soft" role="status">No operation is called like this.</p>`
    return chapters.map(
      ({ name, operations }: Chapter) => html`
        <section aria-label=${name}>
          <h2>${name}</h2>
          ${operations.map((operation) => this.#operation(document, operation))}
        </section>
      `,
    )
  }

  #operation(document: OpenApiDocument, operation: Operation): unknown {
    const { method, path, operationId, summary } = operation
    const isOpen = operationId === this.operationId
    const toggle = (event: Event): void => {
      event.preventDefault()
      location.hash = apiLink(isOpen ? undefined : operationId)
    }
    return html`
      <details class="card" ?open=${isOpen}>
        <summary @click=${toggle}>
          <span class="method ${method}">${method}</span><code class="path">${path}</code>
          <span class="what small soft">${summary}</span>
        </summary>
        ${isOpen ? this.#inside(document, operation) : nothing}
      </details>
    `
  }

  #inside(document: OpenApiDocument, operation: Operation): unknown {
    const { description, requestBody, responses } = operation
    const body = requestBody?.content['application/json']?.schema
    return html`
      <div class="inside">
        ${description ? html`<p class="small prose">${withCode(description)}</p>` : nothing}
        <try-operation .document=${document} .operation=${operation} .token=${this.token}></try-operation>
        ${body ? html`<div><h3>Body</h3><schema-tree .document=${document} .schema=${body}></schema-tree></div>` : nothing}
        <div>
          <h3>Answers</h3>
          <dl class="small codes">
            ${Object.entries(responses).map(([status, response]) => {
              const schema = response.content?.['application/json']?.schema
              return html`
                <dt><code>${status}</code></dt>
                <dd>${withCode(response.description)}${schema ? html`<schema-tree .document=${document} .schema=${schema}></schema-tree>` : nothing}</dd>
              `
            })}
          </dl>
        </div>
      </div>
    `
  }
}

/** Text in which backticks stand around code. */
const withCode = (text: string): unknown[] =>
  text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))

customElements.define('api-page', ApiPage)
