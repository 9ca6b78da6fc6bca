import { css, html, LitElement } from 'lit'
import type { Approval, DecideApproval } from '#shared/protocol/approval.ts'
import { createApi } from '../api.ts'
import { Attempts } from '../attempts.ts'
import './error-notice.ts'
import { sharedStyles } from './shared-styles.ts'

/** Approves or denies a call of a tool, with a reason that the model is told. Fires `decided` with the {@link Approval}. */
export class ApprovalDecision extends LitElement {
  static override properties = { token: { attribute: false }, approvalId: {}, toolName: {} }
  static override styles = [
    sharedStyles,
    css`
      :host { display: grid; gap: 0.5rem; }
      form { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; }
      input { flex: 1 1 12rem; width: auto; min-height: 2.5rem; }
    `,
  ]

  declare token: string
  declare approvalId: string
  declare toolName: string
  #attempts = new Attempts(this)

  #decide(decision: DecideApproval['decision']): Promise<void> {
    if (this.#attempts.busy) return Promise.resolve()
    const reason = this.renderRoot.querySelector('input')?.value.trim()
    return this.#attempts.run(async (signal) => {
      const body: DecideApproval = { decision, ...(reason && { reason }) }
      const path = `/v1/approvals/${encodeURIComponent(this.approvalId)}`
      const detail = await createApi(this.token)<Approval>(path, { method: 'POST', body, signal })
      this.dispatchEvent(new CustomEvent<Approval>('decided', { bubbles: true, composed: true, detail }))
    })
  }

  protected override render(): unknown {
    const { busy, error } = this.#attempts
    const submit = (event: SubmitEvent): void => {
      event.preventDefault()
      void this.#decide('approve')
    }
    return html`
      <form @submit=${submit}>
        <input aria-label="Reason" placeholder="Reason (the model is told)" maxlength="1000" autocomplete="off" />
        <button class="primary" aria-disabled=${busy}>Approve</button>
        <button type="button" aria-disabled=${busy} @click=${() => this.#decide('deny')}>Deny</button>
      </form>
      <error-notice .error=${error} ?hidden=${error === undefined}></error-notice>
    `
  }
}

customElements.define('approval-decision', ApprovalDecision)
