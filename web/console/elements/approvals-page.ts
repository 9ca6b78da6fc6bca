import { css, html, LitElement, nothing, type PropertyValues } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { Approval, ApprovalList } from '#shared/protocol/approval.ts'
import { APPROVAL_STATUSES } from '#shared/protocol/approval-statuses.ts'
import { createApi, queryText } from '../api.ts'
import { Attempts } from '../attempts.ts'
import { agentLink } from '../route.ts'
import './approval-decision.ts'
import './error-notice.ts'
import { visibleJson } from '#shared/protocol/visible-json.ts'
import { sharedStyles } from './shared-styles.ts'

/** How often the page looks for new ones while somebody looks at it, in milliseconds. */
const LOOK_MS = 5_000

/** Calls of tools that wait for a person, and what was decided on others. */
export class ApprovalsPage extends LitElement {
  static override properties = {
    token: { attribute: false },
    status: { state: true },
    approvals: { state: true },
    next: { state: true },
  }
  static override styles = [
    sharedStyles,
    css`
      .top { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: end; justify-content: space-between; }
      .top > div:first-child { flex: 1 1 20rem; }
      .filter { display: grid; gap: 0.25rem; }
      ul { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: minmax(0, 1fr); gap: 0.75rem; }
      li { padding: 0.875rem 1rem; display: grid; gap: 0.5rem; min-width: 0; }
      .head { display: flex; flex-wrap: wrap; gap: 0 1rem; align-items: baseline; justify-content: space-between; }
      pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 16rem; overflow-y: auto; background: var(--sunken); padding: 0.5rem 0.75rem; border-radius: 0.5rem; }
      .approved { color: var(--good); } .denied, .expired { color: var(--bad); } .pending { color: var(--warn); }
      .empty { padding: 2rem 1.25rem; display: grid; gap: 0.5rem; text-align: center; }
    `,
  ]

  declare token: string
  declare status: string
  declare approvals: readonly Approval[] | undefined
  declare next: string | undefined
  #attempts = new Attempts(this)
  #looking: ReturnType<typeof setInterval> | undefined

  constructor() {
    super()
    this.status = 'pending'
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#looking = setInterval(() => this.#lookAgain(), LOOK_MS)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearInterval(this.#looking)
  }

  /** An element that was there before its module has its properties with the first update. */
  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('token') || changed.has('status')) void this.#show()
  }

  #show(): Promise<void> {
    this.approvals = undefined
    return this.#attempts.run((signal) => this.#look(signal))
  }

  /** Not while somebody writes a reason, or reads further down: nothing may move under his hands. */
  #lookAgain(): void {
    const isFirstPage = (this.approvals?.length ?? 0) === 0 || this.next === undefined
    if (document.visibilityState !== 'visible' || this.#attempts.busy || this.#attempts.error !== undefined || !isFirstPage)
      return
    if (this.renderRoot instanceof ShadowRoot && this.renderRoot.activeElement?.localName === 'approval-decision') return
    void this.#attempts.run((signal) => this.#look(signal))
  }

  async #look(signal: AbortSignal, after?: string): Promise<void> {
    const { status } = this
    const page = await createApi(this.token)<ApprovalList>(`/v1/approvals${queryText({ status, after })}`, { signal })
    if (status !== this.status) return
    this.approvals = after === undefined ? page.approvals : [...(this.approvals ?? []), ...page.approvals]
    this.next = page.next
  }

  #replace({ detail }: CustomEvent<Approval>): void {
    this.approvals = this.approvals?.map((approval) => (approval.approvalId === detail.approvalId ? detail : approval))
  }

  protected override render(): unknown {
    const { busy, error } = this.#attempts
    return html`
      <div class="column">
        <div class="top">
          <div>
            <h1>Approvals</h1>
            <p class="soft">Calls of tools that a person decides on. The execution waits meanwhile, and costs nothing.</p>
          </div>
          <div class="filter">
            <label class="small" for="status">Show</label>
            <select id="status" @change=${(event: Event) => (this.status = (event.target as HTMLSelectElement).value)}>
              ${APPROVAL_STATUSES.map((status) => html`<option ?selected=${status === this.status}>${status}</option>`)}
            </select>
          </div>
        </div>
        <error-notice .error=${error} retryable @retry=${this.#show} ?hidden=${error === undefined}></error-notice>
        ${this.approvals ? this.#list(this.approvals) : error === undefined ? html`<p class="soft" role="status">Reading…</p>` : nothing}
        ${
          this.next === undefined
            ? nothing
            : html`<button ?disabled=${busy} @click=${() => this.#attempts.run((signal) => this.#look(signal, this.next))}>More</button>`
        }
      </div>
    `
  }

  #list(approvals: readonly Approval[]): unknown {
    if (approvals.length === 0) {
      return html`
        <div class="card empty">
          <h2>${this.status === 'pending' ? 'Nothing waits for you' : `None ${this.status}`}</h2>
          <p class="soft">Tools with <code>"approval": "always"</code> ask here before each call.</p>
        </div>
      `
    }
    return html`
      <ul @decided=${this.#replace}>${repeat(
        approvals,
        ({ approvalId }) => approvalId,
        (approval) => this.#card(approval),
      )}</ul>
    `
  }

  #card(approval: Approval): unknown {
    const { approvalId, agentId, toolName, status, createdAt } = approval
    return html`
      <li class="card" data-approval=${approvalId}>
        <div class="head"><h2>${toolName}</h2><span class="small ${status}">${status}</span></div>
        <p class="small soft">
          asked by <a href=${agentLink(agentId)}>${agentId}</a>, <time datetime=${createdAt}>${new Date(createdAt).toLocaleString()}</time>
        </p>
        <pre class="small">${visibleJson(approval.arguments, 2)}</pre>
        ${
          status === 'pending'
            ? html`
              <p class="small soft">until <time datetime=${approval.expiresAt}>${new Date(approval.expiresAt).toLocaleString()}</time>, then it counts as denied</p>
              <approval-decision .token=${this.token} .approvalId=${approvalId} .toolName=${toolName}></approval-decision>
            `
            : html`<p class="small">${decisionOf(approval)}</p>`
        }
      </li>
    `
  }
}

function decisionOf({ status, decidedBy, decidedAt, reason }: Approval): string {
  const who = decidedBy ? ` by ${decidedBy}` : ''
  const when = decidedAt ? `, ${new Date(decidedAt).toLocaleString()}` : ''
  return `${status}${who}${when}${reason ? `: ${reason}` : ''}`
}

customElements.define('approvals-page', ApprovalsPage)
