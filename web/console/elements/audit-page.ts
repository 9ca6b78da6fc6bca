import { css, html, LitElement, nothing, type PropertyValues } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { AuditList, AuditRecord, AuditVerification } from '#shared/protocol/audit.ts'
import type { HttpCaller } from '../../client/http.ts'
import { createApi, queryText } from '../api.ts'
import { Attempts } from '../attempts.ts'
import './error-notice.ts'
import { sharedStyles } from './shared-styles.ts'

const PAGE = '50'

/** Who did what, the newest first, and whether the day's chain of records is whole. */
export class AuditPage extends LitElement {
  static override properties = {
    token: { attribute: false },
    filter: { state: true },
    records: { state: true },
    next: { state: true },
    verification: { state: true },
  }
  static override styles = [
    sharedStyles,
    css`
      .column { max-width: 64rem; }
      form { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(13.5rem, 100%), 1fr)); gap: 0.5rem 0.75rem; align-items: end; }
      form > div { grid-template-rows: auto 2.625rem; }
      form > div { display: grid; gap: 0.25rem; }
      .scroll { overflow-x: auto; }
      table { width: 100%; border-collapse: collapse; }
      th { text-align: left; font-weight: 550; color: var(--ink-soft); }
      th, td { padding: 0.5rem 0.75rem; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
      tbody tr:last-child > * { border-bottom: 0; }
      time { white-space: nowrap; }
      .refused, .failed { color: var(--bad); } .accepted { color: var(--good); }
      details summary { cursor: pointer; }
      dl { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0 0.75rem; margin: 0.375rem 0 0; } dd { margin: 0; overflow-wrap: anywhere; }
      .row { display: flex; flex-wrap: wrap; gap: 0.5rem 0.75rem; align-items: center; }
      .empty { padding: 2rem 1.25rem; display: grid; gap: 0.5rem; text-align: center; }
      @media (max-width: 40rem) {
        thead { display: none; }
        tr { display: grid; grid-template-columns: minmax(0, 1fr) auto; padding: 0.5rem 0.75rem; border-bottom: 1px solid var(--line); }
        tbody tr:last-child { border-bottom: 0; }
        td { border: 0; padding: 0; } td.wide { grid-column: 1 / -1; }
      }
    `,
  ]

  declare token: string
  declare filter: Record<string, string>
  declare records: AuditRecord[] | undefined
  declare next: string | undefined
  declare verification: AuditVerification | undefined
  #attempts = new Attempts(this)

  constructor() {
    super()
    this.filter = {}
  }

  /** An element that was there before its module has its properties with the first update. */
  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('token')) void this.#show()
  }

  #attempt(act: (api: HttpCaller, signal: AbortSignal) => Promise<void>): Promise<void> {
    return this.#attempts.run((signal) => act(createApi(this.token), signal))
  }

  #show(): Promise<void> {
    this.records = undefined
    this.next = undefined
    return this.#more()
  }

  #more(): Promise<void> {
    const { filter } = this
    return this.#attempt(async (api, signal) => {
      const page = await api<AuditList>(`/v1/audit${queryText({ ...filter, limit: PAGE, after: this.next })}`, { signal })
      if (filter !== this.filter) return
      // Whole records: none of their fields was left out.
      this.records = [...(this.records ?? []), ...(page.records as AuditRecord[])]
      this.next = page.next
    })
  }

  #verify(): Promise<void> {
    const day = (this.filter.to ? new Date(this.filter.to) : new Date()).toISOString().slice(0, 10)
    return this.#attempt(async (api, signal) => {
      this.verification = await api<AuditVerification>(`/v1/audit/${day}/verification`, { signal })
    })
  }

  async #search(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    const given = [...new FormData(event.target as HTMLFormElement)].map(([name, value]) => [name, String(value).trim()] as const)
    this.filter = Object.fromEntries(
      given
        .filter(([, value]) => value !== '')
        .map(([name, value]) => [name, name === 'from' || name === 'to' ? instant(value) : value]),
    )
    this.verification = undefined
    await this.#show()
  }

  protected override render(): unknown {
    return html`
      <div class="column">
        <div>
          <h1>Audit</h1>
          <p class="soft">Who changed what, and who was not let in. The last day, unless you say since when.</p>
        </div>
        ${this.#form()}
        <div class="row">
          <button ?disabled=${this.#attempts.busy} @click=${this.#verify}>Verify the day</button>
          <span class="small" role="status">${this.verification ? verdict(this.verification) : nothing}</span>
        </div>
        <error-notice .error=${this.#attempts.error} retryable @retry=${this.#show} ?hidden=${this.#attempts.error === undefined}></error-notice>
        ${this.records ? this.#table(this.records) : this.#attempts.error === undefined ? html`<p class="soft" role="status">Reading…</p>` : nothing}
        ${this.next === undefined ? nothing : html`<button ?disabled=${this.#attempts.busy} @click=${this.#more}>Older</button>`}
      </div>
    `
  }

  #form(): unknown {
    const field = (name: string, label: string, type = 'text'): unknown => html`
      <div><label class="small" for=${name}>${label}</label><input id=${name} name=${name} type=${type} autocomplete="off" spellcheck="false" /></div>
    `
    return html`
      <form @submit=${this.#search} aria-label="Filter">
        ${field('subject', 'Who')} ${field('action', 'What')} ${field('from', 'Since', 'datetime-local')} ${field('to', 'Until', 'datetime-local')}
        <div>
          <label class="small" for="outcome">Outcome</label>
          <select id="outcome" name="outcome"><option value="">any</option><option>accepted</option><option>refused</option><option>failed</option></select>
        </div>
        <button ?disabled=${this.#attempts.busy}>Show</button>
      </form>
    `
  }

  #table(records: AuditRecord[]): unknown {
    if (records.length === 0) {
      return html`
        <div class="card empty">
          <h2>Nothing like this</h2>
          <p class="soft">In this time nothing was changed and nobody was refused, or the filter fits none of it.</p>
        </div>
      `
    }
    return html`
      <div class="card scroll">
        <table class="small">
          <thead><tr><th>When</th><th>Who</th><th>What</th><th>Outcome</th></tr></thead>
          <tbody>${repeat(
            records,
            ({ auditId }) => auditId,
            (record) => this.#row(record),
          )}</tbody>
        </table>
      </div>
    `
  }

  #row(record: AuditRecord): unknown {
    const { time, subject, action, resource, outcome, status, code } = record
    return html`
      <tr>
        <td><time datetime=${time} title=${time}>${new Date(time).toLocaleString()}</time></td>
        <td>${subject ?? html`<span class="soft">somebody unknown</span>`}</td>
        <td class="wide">
          <details><summary><strong>${action}</strong> <code class="soft">${resource}</code></summary>${details(record)}</details>
        </td>
        <td class=${outcome}>${outcome} <span class="soft">${code ?? status}</span></td>
      </tr>
    `
  }
}

/** What a field of the form says in the user's time zone. */
const instant = (local: string): string => new Date(local).toISOString()

function details(record: AuditRecord): unknown {
  const { credential } = record
  const shown: [string, unknown][] = [
    ['Door', record.door],
    ['Credential', credential && [credential.kind, credential.id].filter(Boolean).join(' ')],
    ['Address', record.address],
    ['Program', record.userAgent],
    ['Request', record.requestId],
    ['Took', `${Math.round(record.durationMs)} ms`],
    ['Body', record.requestSha256],
    ['Before', record.beforeSha256],
    ['After', record.afterSha256],
    ['Record', record.auditId],
  ]
  const given = shown.filter(([, value]) => value !== undefined)
  return html`<dl>${given.map(([name, value]) => html`<dt class="soft">${name}</dt><dd><code>${value}</code></dd>`)}</dl>`
}

function verdict({ day, intact, records, fresh, found, findings }: AuditVerification): string {
  const count = `${records} ${records === 1 ? 'record' : 'records'}`
  if (intact)
    return `${day}: ${count}, the chain is whole${fresh > 0 ? `; ${fresh} of the last minute will be sealed next` : ''}.`
  const kinds = [...new Set(findings.map(({ kind }) => kind))].join(', ')
  return `${day}: ${found} of ${count} ${found === 1 ? 'is' : 'are'} not as sealed: ${kinds}.`
}

customElements.define('audit-page', AuditPage)
