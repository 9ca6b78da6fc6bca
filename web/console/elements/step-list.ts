import { css, html, LitElement, nothing } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { NoteStep, Step, ToolStep } from '../steps.ts'
import './approval-decision.ts'
import { visibleJson } from '#shared/protocol/visible-json.ts'
import { sharedStyles } from './shared-styles.ts'

/** What an agent did besides talking, one step after the other. */
export class StepList extends LitElement {
  static override properties = { steps: { attribute: false }, token: { attribute: false }, running: { type: Boolean } }
  static override styles = [
    sharedStyles,
    css`
      ol { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: minmax(0, 1fr); gap: 0.5rem; }
      li { border: 1px solid var(--line); border-radius: 0.5rem; background: var(--surface); padding: 0.5rem 0.75rem; display: grid; gap: 0.375rem; min-width: 0; }
      li.note { border-style: dashed; background: none; }
      li.warning { background: var(--warn-wash); }
      .head { display: flex; flex-wrap: wrap; gap: 0 0.75rem; align-items: baseline; justify-content: space-between; }
      .done { color: var(--good); } .error { color: var(--bad); } .waiting { color: var(--warn); }
      pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 14rem; overflow-y: auto; background: var(--sunken); padding: 0.375rem 0.625rem; border-radius: 0.375rem; }
      summary { cursor: pointer; width: fit-content; }
      progress { width: 100%; accent-color: var(--accent); height: 0.5rem; }
    `,
  ]

  declare steps: readonly Step[]
  declare token: string
  /** Whether the execution goes on: what has ended waits for nobody. */
  declare running: boolean

  protected override render(): unknown {
    if (this.steps.length === 0) return nothing
    return html`
      <ol aria-label="Steps">${repeat(
        this.steps,
        (step) => (step.kind === 'tool' ? step.callId : step.sequence),
        (step) => (step.kind === 'tool' ? this.#call(step) : note(step)),
      )}</ol>
    `
  }

  #call(step: ToolStep): unknown {
    const waits = step.approval !== undefined && step.result === undefined && this.running
    return html`
      <li data-tool=${step.toolName}>
        <div class="head small"><strong>${step.toolName}</strong>${this.#outcome(step)}</div>
        <pre class="small" aria-label="Arguments">${visibleJson(step.arguments, 2)}</pre>
        ${
          waits && step.approval
            ? html`<approval-decision .token=${this.token} .approvalId=${step.approval.approvalId} .toolName=${step.toolName}></approval-decision>`
            : nothing
        }
        ${
          step.result === undefined
            ? nothing
            : html`<details ?open=${step.result.isError}><summary class="small soft">Result</summary><pre class="small">${shown(step.result.value)}</pre></details>`
        }
      </li>
    `
  }

  #outcome({ result, approval }: ToolStep): unknown {
    if (result?.isError) return html`<span class="error">failed</span>`
    if (result) return html`<span class="done">done</span>`
    if (!this.running) return html`<span class="soft">not made</span>`
    return approval ? html`<span class="waiting">waits for your decision</span>` : html`<span class="soft">running…</span>`
  }
}

const note = ({ status, text, progress }: NoteStep): unknown => html`
  <li class="note small ${status}" role=${status === 'warning' ? 'status' : nothing}>
    <div class="head"><span>${text}</span><span class="soft">${status}</span></div>
    ${progress === undefined ? nothing : html`<progress max="100" value=${progress} aria-label=${status}></progress>`}
  </li>
`

/** JSON as a person reads it; texts as they are. */
const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value, undefined, 2))

customElements.define('step-list', StepList)
