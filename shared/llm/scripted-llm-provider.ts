import type { LlmEvent, LlmProvider, LlmRequest } from './llm-provider.ts'
import { messageText } from './message-text.ts'
import { pace } from './pace.ts'
import { ProviderError } from './provider-error.ts'
import { countTokens, type ScriptedAnswerOptions, scriptedAnswer, scriptedThinking } from './scripted-answer.ts'

type Script = ScriptedAnswerOptions & {
  /** Tokens of thinking before the answer. */
  thinking?: number
  /** How the call ends instead of well, after this many tokens. */
  failure?: { after: number; error: () => ProviderError }
}

const provider = 'scripted'

/** What each "model" plays. Names are part of agents' definitions and are not renamed. */
const SCRIPTS: ReadonlyMap<string, Script> = new Map<string, Script>([
  ['answer', {}],
  ['thinking', { thinking: 20 }],
  ['multi-byte', { multiByte: true }],
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
    'cut-off',
    { failure: { after: 5, error: () => new ProviderError('network_error', 'the answer was cut off, by script', { provider }) } },
  ],
])

/** Names of the scripts, for agents' `llm.model`. */
export const SCRIPTED_MODELS: readonly string[] = [...SCRIPTS.keys()]

/**
 * A provider without a model, for smoke checks and tests: the model's name picks a script, the prompt decides the text, and the same
 * prompt is always answered the same.
 *
 * @param options.tokensPerSecond - pace; 0 is without pause. @default 100
 */
export function scriptedLlmProvider(options: { tokensPerSecond?: number } = {}): LlmProvider {
  return { stream: (request, signal) => play(request, signal, options.tokensPerSecond ?? 100) }
}

async function* play(request: LlmRequest, signal: AbortSignal, tokensPerSecond: number): AsyncGenerator<LlmEvent> {
  const script = SCRIPTS.get(request.model)
  if (!script) {
    throw new ProviderError('validation_error', `there is no script "${request.model}"; use ${SCRIPTED_MODELS.join(', ')}`, {
      provider,
    })
  }
  const asked = request.messages.findLast((message) => message.role === 'user')
  const prompt = asked ? messageText(asked) : ''
  const next = pace(tokensPerSecond, signal)

  for (const text of scriptedThinking(prompt, script.thinking ?? 0)) {
    await next()
    yield { type: 'thinking', text }
  }
  const answer = scriptedAnswer(prompt, script)
  const tokens = answer.slice(0, request.maxTokens)
  for (const [position, text] of tokens.entries()) {
    if (position === script.failure?.after) throw script.failure.error()
    await next()
    yield { type: 'text', text }
  }
  const inputTokens = request.messages.reduce((sum, message) => sum + countTokens(messageText(message)), 0)
  yield { type: 'usage', inputTokens, outputTokens: tokens.length + (script.thinking ?? 0) }
  yield { type: 'stop', reason: tokens.length < answer.length ? 'length' : 'end' }
}
