import { css, html, LitElement, nothing } from 'lit'
import { exampleOf, type OpenApiDocument, type Operation, type ParameterObject } from '../api-reference/openapi-document.ts'
import { buildRequest, type Draft, fieldOf, missingOf, toCurl } from '../api-reference/request.ts'
import './error-notice.ts'
import { sharedStyles } from './shared-styles.ts'

type Answer = { status: number; ms: number; headers: [string, string][]; text: string }

/** Headers of an answer that tell something about the API. */
const TELLING = ['etag', 'location', 'retry-after', 'ratelimit', 'ratelimit-policy', 'x-request-id', 'preference-applied']

/** A form for one operation, and what the server answered. */
export class TryOperation extends LitElement {
  static override properties = {
    document: { attribute: false },
    operation: { attribute: false },
    token: { attribute: false },
    draft: { state: true },
    busy: { state: true },
    answer: { state: true },
    error: { state: true },
    copied: { state: true },
  }
  static override styles = [
    sharedStyles,
    css`
      form { display: grid; gap: 0.75rem; }
      .fields { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(14rem, 100%), 1fr)); gap: 0.5rem 0.75rem; }
      .fields > div, .body { display: grid; gap: 0.25rem; align-content: start; }
      textarea { font-family: var(--mono); font-size: 0.8125rem; min-height: 8rem; resize: vertical; }
      .row { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem; }
      pre { margin: 0; padding: 0.75rem; background: var(--sunken); border-radius: 0.5rem; overflow: auto; max-height: 24rem; white-space: pre-wrap; overflow-wrap: anywhere; }
      .answer { display: grid; gap: 0.5rem; }
      .good { color: var(--good); } .bad { color: var(--bad); }
      dl { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0 0.75rem; margin: 0; } dd { margin: 0; overflow-wrap: anywhere; }
    `,
  ]

  declare document: OpenApiDocument
  declare operation: Operation
  declare token: string
  declare draft: Draft
  declare busy: boolean
  declare answer: Answer | undefined
  declare error: unknown
  declare copied: boolean
  #leaving = new AbortController()

  constructor() {
    super()
    this.busy = false
    this.copied = false
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#leaving = new AbortController()
    const schema = this.operation.requestBody?.content['application/json']?.schema
    const body = schema ? JSON.stringify(exampleOf(this.document, schema), null, 2) : ''
    this.draft = { values: {}, body }
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#leaving.abort()
  }

  async #send(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    const missing = missingOf(this.operation, this.draft)
    if (missing.length > 0) return
    const { url, ...request } = buildRequest(this.operation, this.draft, location.origin, this.token)
    const { signal } = this.#leaving
    this.busy = true
    this.error = undefined
    const startedAt = performance.now()
    try {
      const response = await fetch(url, { ...request, body: request.body ?? null, signal })
      const text = await response.text()
      const headers = [...response.headers].filter(([name]) => TELLING.includes(name))
      this.answer = { status: response.status, ms: Math.round(performance.now() - startedAt), headers, text: pretty(text) }
    } catch (error) {
      if (!signal.aborted) this.error = error
    } finally {
      this.busy = false
    }
  }

  async #copy(): Promise<void> {
    await navigator.clipboard.writeText(toCurl(buildRequest(this.operation, this.draft, location.origin, this.token)))
    this.copied = true
  }

  #set(field: string, value: string): void {
    this.draft = { ...this.draft, values: { ...this.draft.values, [field]: value } }
    this.copied = false
  }

  protected override render(): unknown {
    const { parameters = [], requestBody } = this.operation
    return html`
      <form @submit=${this.#send}>
        ${parameters.length > 0 ? html`<div class="fields">${parameters.map((parameter) => this.#field(parameter))}</div>` : nothing}
        ${
          requestBody
            ? html`
              <div class="body">
                <label class="small" for="body">Body</label>
                <textarea id="body" spellcheck="false" .value=${this.draft.body}
                  @input=${(event: InputEvent) => (this.draft = { ...this.draft, body: (event.target as HTMLTextAreaElement).value })}></textarea>
              </div>
            `
            : nothing
        }
        <div class="row">
          <button class="primary" ?disabled=${this.busy}>${this.busy ? 'Sending…' : 'Send'}</button>
          <button type="button" class="quiet" @click=${this.#copy}>${this.copied ? 'Copied' : 'Copy as curl'}</button>
        </div>
      </form>
      <error-notice .error=${this.error} ?hidden=${this.error === undefined}></error-notice>
      <div class="answer" aria-live="polite">${this.answer ? this.#answered(this.answer) : nothing}</div>
    `
  }

  #field(parameter: ParameterObject): unknown {
    const field = fieldOf(parameter)
    const { name, required = false, schema } = parameter
    const place = parameter.in === 'query' ? '' : ` (${parameter.in})`
    const choices = schema.enum?.map(String)
    const change = (event: Event): void => this.#set(field, (event.target as HTMLInputElement).value)
    return html`
      <div>
        <label class="small" for=${field}>${name}${place}${required ? ' *' : ''}</label>
        ${
          choices
            ? html`<select id=${field} ?required=${required} @change=${change}><option></option>${choices.map((choice) => html`<option>${choice}</option>`)}</select>`
            : html`<input id=${field} ?required=${required} autocomplete="off" spellcheck="false" placeholder=${schema.default === undefined ? '' : String(schema.default)} @input=${change} />`
        }
      </div>
    `
  }

  #answered({ status, ms, headers, text }: Answer): unknown {
    return html`
      <p class="small"><strong class=${status < 400 ? 'good' : 'bad'}>${status}</strong> <span class="soft">in ${ms} ms</span></p>
      ${headers.length > 0 ? html`<dl class="small">${headers.map(([name, value]) => html`<dt class="soft">${name}</dt><dd>${value}</dd>`)}</dl>` : nothing}
      ${text === '' ? nothing : html`<pre tabindex="0">${text}</pre>`}
    `
  }
}

/** JSON with its lines; any other text as it is. */
function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

customElements.define('try-operation', TryOperation)
