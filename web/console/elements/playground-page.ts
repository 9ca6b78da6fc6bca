import { css, html, LitElement, nothing, type PropertyValues } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { Agent, LlmAgent } from '#shared/protocol/agent.ts'
import type { ExecutionAccepted } from '#shared/protocol/execution.ts'
import { LLM_PROVIDERS } from '#shared/protocol/llm-provider-names.ts'
import type { PromptPreview } from '#shared/protocol/prompt.ts'
import type { Client } from '../../client/index.ts'
import { createApi } from '../api.ts'
import { Attempts } from '../attempts.ts'
import { EFFORTS, PARAMETERS, PROMPT_FIELDS, readInput, readOverrides, readPrompts } from '../playground-form.ts'
import { playgroundLink } from '../route.ts'
import type { TurnRecord } from '../turn-store.ts'
import './chat-turn.ts'
import './error-notice.ts'
import { sharedStyles } from './shared-styles.ts'

/** Asks an agent with other parameters, and shows what its model is told. Each run is an execution as any other. */
export class PlaygroundPage extends LitElement {
  static override properties = {
    client: { attribute: false },
    token: { attribute: false },
    agentId: {},
    agents: { state: true },
    preview: { state: true },
    run: { state: true },
  }
  static override styles = [
    sharedStyles,
    css`
      .column { max-width: 64rem; }
      form { display: grid; gap: 0.75rem; }
      .fields { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(9rem, 100%), 1fr)); gap: 0.5rem 0.75rem; align-items: end; }
      .fields > div, .wide { display: grid; gap: 0.25rem; }
      .fields > div { grid-template-rows: auto 2.625rem; }
      textarea { min-height: 6rem; resize: vertical; font-family: var(--mono); font-size: 0.875rem; }
      textarea.short { min-height: 2.625rem; }
      .prompts { display: grid; gap: 0.75rem; padding-top: 0.25rem; }
      .row { display: flex; flex-wrap: wrap; gap: 0.5rem; }
      details > summary { cursor: pointer; width: fit-content; padding-block: 0.25rem; }
      ol { list-style: none; margin: 0; padding: 0; display: grid; gap: 0.5rem; grid-template-columns: minmax(0, 1fr); }
      ol li { display: grid; gap: 0.25rem; border-left: 3px solid var(--line); padding-left: 0.75rem; min-width: 0; }
      ol li.user { border-color: var(--accent); }
      pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 24rem; overflow-y: auto; }
      section.card { padding: 1rem; display: grid; gap: 0.75rem; min-width: 0; }
      .warning { background: var(--warn-wash); border-radius: 0.5rem; padding: 0.375rem 0.75rem; }
    `,
  ]

  declare client: Client
  declare token: string
  declare agentId: string | undefined
  declare agents: readonly LlmAgent[] | undefined
  declare preview: PromptPreview | undefined
  declare run: TurnRecord | undefined
  #attempts = new Attempts(this)

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#load()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('agentId')) this.preview = undefined
  }

  #load(): Promise<void> {
    return this.#attempts.run(async (signal) => {
      const agents = await this.client.agents({ signal })
      this.agents = agents.filter(isLlmAgent)
    })
  }

  get #agent(): LlmAgent | undefined {
    return this.agents?.find(({ agentId }) => agentId === this.agentId) ?? this.agents?.[0]
  }

  get #form(): FormData {
    const form = this.renderRoot.querySelector('form')
    return new FormData(form ?? undefined)
  }

  #show(agent: LlmAgent): Promise<void> {
    const form = this.#form
    return this.#attempts.run(async (signal) => {
      const path = `/v1/agents/${encodeURIComponent(agent.agentId)}/prompt-preview`
      const prompts = readPrompts(form, agent.prompts)
      const body = { input: readInput(form), ...(prompts && { prompts }) }
      this.preview = await createApi(this.token)<PromptPreview>(path, { method: 'POST', body, signal })
    })
  }

  #ask(agent: LlmAgent): Promise<void> {
    const form = this.#form
    return this.#attempts.run(async (signal) => {
      const input = readInput(form)
      const llm = readOverrides(form)
      const body = { agentId: agent.agentId, input, ...(llm && { llm }) }
      const { executionId } = await createApi(this.token)<ExecutionAccepted>('/v1/executions', { method: 'POST', body, signal })
      const content =
        typeof input === 'object' && input !== null && 'content' in input ? String(input.content) : JSON.stringify(input)
      this.run = { agentId: agent.agentId, key: executionId, content, executionId }
    })
  }

  protected override render(): unknown {
    const { error } = this.#attempts
    return html`
      <div class="column">
        <div>
          <h1>Playground</h1>
          <p class="soft">Try an agent with other parameters. Nothing of its definition is changed.</p>
        </div>
        <error-notice .error=${error} ?hidden=${error === undefined}></error-notice>
        ${this.agents ? this.#whole(this.agents) : error === undefined ? html`<p class="soft" role="status">Reading…</p>` : nothing}
      </div>
    `
  }

  #whole(agents: readonly LlmAgent[]): unknown {
    const agent = this.#agent
    if (!agent)
      return html`<section class="card"><h2>No agent with a model</h2><p class="soft">Agents in code and remote ones have none to try.</p></section>`
    const isOther = this.agentId !== undefined && this.agentId !== agent.agentId
    return html`
      ${isOther ? html`<p role="status">There is no agent with a model that is called "${this.agentId}". This is ${agent.name}.</p>` : nothing}
      ${this.#controls(agents, agent)}
      ${this.preview ? this.#told(this.preview) : nothing}
      ${
        this.run
          ? html`<section class="card" aria-label="Answer">${repeat(
              [this.run],
              ({ key }) => key,
              (run) =>
                html`<chat-turn .client=${this.client} .token=${this.token} .stored=${run} @ask-again=${() => this.#ask(agent)}></chat-turn>`,
            )}</section>`
          : nothing
      }
    `
  }

  #controls(agents: readonly LlmAgent[], agent: LlmAgent): unknown {
    const { busy } = this.#attempts
    const submit = (event: SubmitEvent): void => {
      event.preventDefault()
      void this.#ask(agent)
    }
    return html`
      <form @submit=${submit}>
        <div class="fields">
          <div>
            <label class="small" for="agent">Agent</label>
            <select id="agent" @change=${(event: Event) => (location.hash = playgroundLink((event.target as HTMLSelectElement).value))}>
              ${agents.map(({ agentId, name }) => html`<option value=${agentId} ?selected=${agentId === agent.agentId}>${name}</option>`)}
            </select>
          </div>
          <div>
            <label class="small" for="provider">Provider</label>
            <select id="provider" name="provider">
              <option value="">${agent.llm.provider} (its own)</option>
              ${LLM_PROVIDERS.map((provider) => html`<option>${provider}</option>`)}
            </select>
          </div>
          <div><label class="small" for="model">Model</label><input id="model" name="model" placeholder=${agent.llm.model} autocomplete="off" spellcheck="false" /></div>
        </div>
        <div class="wide">
          <label class="small" for="input">Input: a text, or a JSON object whose keys are variables</label>
          <textarea id="input" name="input" required spellcheck="false">Hello</textarea>
        </div>
        <details>
          <summary class="small">Parameters</summary>
          <div class="fields">${PARAMETERS.map(
            ({ name, label, min, max, step }) => html`
              <div>
                <label class="small" for=${name}>${label}</label>
                <input id=${name} name=${name} type="number" min=${min} max=${max} step=${step} placeholder=${agent.llm[name] ?? 'the provider’s'} />
              </div>
            `,
          )}
            <div>
              <label class="small" for="reasoningEffort">Reasoning effort</label>
              <select id="reasoningEffort" name="reasoningEffort">
                <option value="">${agent.llm.reasoningEffort ?? 'the provider’s'}</option>
                ${EFFORTS.map((effort) => html`<option>${effort}</option>`)}
              </select>
            </div>
            <div>
              <label class="small" for="stopSequences">Stop sequences (one a line)</label>
              <textarea id="stopSequences" name="stopSequences" class="short" rows="1" spellcheck="false"></textarea>
            </div>
          </div>
        </details>
        <details>
          <summary class="small">Prompts</summary>
          <div class="prompts">
            ${PROMPT_FIELDS.map(
              ({ name, label, absent }) => html`
                <div class="wide">
                  <label class="small" for=${name}>${label}</label>
                  <textarea id=${name} name=${name} class="short" rows="2" spellcheck="false" placeholder=${absent} .value=${agent.prompts[name] ?? ''}></textarea>
                </div>
              `,
            )}
            <p class="small soft">Change them to see what the model would be told. A run asks with the agent’s own.</p>
          </div>
        </details>
        <div class="row">
          <button class="primary" ?disabled=${busy}>Run</button>
          <button type="button" ?disabled=${busy} @click=${() => this.#show(agent)}>Show what the model is told</button>
        </div>
      </form>
    `
  }

  #told({ messages, contextInstructions, output, variables, tokens, warnings }: PromptPreview): unknown {
    return html`
      <section class="card" aria-label="What the model is told">
        <h2>What the model is told</h2>
        ${warnings.map((warning) => html`<p class="small warning" role="status">${warning}</p>`)}
        <ol>
          ${messages.map(({ role, content }) => part(role, content, role))}
          ${contextInstructions === undefined ? nothing : part('context instructions, said with earlier turns or notes', contextInstructions)}
          ${output && !output.inWords ? part('schema of the answer, told to the provider', JSON.stringify(output.schema, undefined, 2)) : nothing}
        </ol>
        <p class="small soft">
          About ${tokens} tokens. Variables: ${variables.known.map((name, place) => html`${place > 0 ? ', ' : nothing}<code>{${name}}</code>${variables.used.includes(name) ? ' ✓' : nothing}`)}
        </p>
      </section>
    `
  }
}

const part = (title: string, text: string, kind = 'beside'): unknown =>
  html`<li class=${kind}><span class="small soft">${title}</span><pre class="small">${text}</pre></li>`

const isLlmAgent = (agent: Agent): agent is LlmAgent => agent.kind === 'llm'

customElements.define('playground-page', PlaygroundPage)
