import { unlessAborted } from '#shared/platform/unless-aborted.ts'
import type { LlmEvent, LlmProvider, LlmRequest, StopReason } from './llm-provider.ts'
import { LLM_TIMEOUTS, type LlmTimeouts } from './llm-timeouts.ts'
import { messageText } from './message-text.ts'
import { ownCallId } from './own-call-id.ts'
import { pace } from './pace.ts'
import { ProviderError } from './provider-error.ts'
import { countTokens, scriptedThinking } from './scripted-answer.ts'
import { promptOf, type ScriptedTurnOptions, scriptedTurn } from './scripted-turn.ts'
import { withDeadlines } from './with-deadlines.ts'

type Script = ScriptedTurnOptions & {
  /** Tokens of thinking before the answer. */
  thinking?: number
  /** Sends nothing at all. */
  silent?: boolean
  /** Stops for this reason, after a few tokens. */
  stop?: StopReason
  /** How and after how many tokens the call fails. */
  failure?: { after: number; error: () => ProviderError }
}

const provider = 'scripted'
const TOKENS_BEFORE_STOP = 8

/** The script behind each "model". Agents' definitions contain these names, so they must not change. */
const SCRIPTS: ReadonlyMap<string, Script> = new Map<string, Script>([
  ['answer', {}],
  ['thinking', { thinking: 20 }],
  ['multi-byte', { multiByte: true }],
  ['bad-json', { badJson: true }],
  ['refusal', { refuses: true, stop: 'refusal' }],
  ['length', { stop: 'length' }],
  ['content-filter', { stop: 'content_filter' }],
  ['silent', { silent: true }],
  [
    'rate-limited',
    {
      failure: {
        after: 0,
        error: () => new ProviderError('rate_limit', 'too many calls, by script', { provider, retryAfterSeconds: 1 }),
      },
    },
  ],
  [
    'server-error',
    { failure: { after: 0, error: () => new ProviderError('provider_error', 'the provider failed, by script', { provider }) } },
  ],
  [
    'cut-off',
    { failure: { after: 5, error: () => new ProviderError('network_error', 'the answer was cut off, by script', { provider }) } },
  ],
])

/** Names of the scripts, for agents' `llm.model`. */
export const SCRIPTED_MODELS: readonly string[] = [...SCRIPTS.keys()]

export type ScriptedLlmProviderOptions = {
  /** Speed; 0 means no pause. @default 100 */
  tokensPerSecond?: number | undefined
  /** @default LLM_TIMEOUTS */
  timeouts?: LlmTimeouts | undefined
}

/**
 * A provider without a model, for demos, smoke checks and tests. The model's name picks a script; the prompt decides what is said and which
 * tools are called; the same conversation always continues in the same way.
 */
export function scriptedLlmProvider(options: ScriptedLlmProviderOptions = {}): LlmProvider {
  const { tokensPerSecond = 100, timeouts = LLM_TIMEOUTS } = options
  return {
    stream: (request, signal) => withDeadlines(provider, (either) => play(request, either, tokensPerSecond), signal, timeouts),
  }
}

async function* play(request: LlmRequest, signal: AbortSignal, tokensPerSecond: number): AsyncGenerator<LlmEvent> {
  const script = SCRIPTS.get(request.model)
  if (!script) {
    throw new ProviderError('validation_error', `there is no script "${request.model}"; use ${SCRIPTED_MODELS.join(', ')}`, {
      provider,
    })
  }
  if (script.silent) await unlessAborted(new Promise(() => {}), signal)
  const next = pace(tokensPerSecond, signal)
  for (const text of scriptedThinking(promptOf(request.messages), script.thinking ?? 0)) {
    await next()
    yield { type: 'thinking', text }
  }

  const turn = scriptedTurn(request, script)
  const limit = Math.min(
    request.maxTokens ?? Number.POSITIVE_INFINITY,
    script.stop ? TOKENS_BEFORE_STOP : Number.POSITIVE_INFINITY,
  )
  const tokens = turn.tokens.slice(0, limit)
  for (const [position, text] of tokens.entries()) {
    if (position === script.failure?.after) throw script.failure.error()
    await next()
    yield { type: 'text', text }
  }
  // The answer may have fewer tokens than the script fails after; a turn of calls has none.
  if (script.failure) throw script.failure.error()
  for (const call of turn.calls) {
    await next()
    yield { type: 'tool_call', call: { callId: ownCallId(), ...call } }
  }

  const callTokens = turn.calls.reduce((sum, call) => sum + countTokens(call.arguments), 0)
  yield {
    type: 'usage',
    inputTokens: request.messages.reduce((sum, message) => sum + countTokens(messageText(message)), 0),
    outputTokens: tokens.length + (script.thinking ?? 0) + callTokens,
  }
  const cut = tokens.length < turn.tokens.length
  yield { type: 'stop', reason: script.stop ?? (turn.calls.length > 0 ? 'tool_calls' : cut ? 'length' : 'end') }
}
