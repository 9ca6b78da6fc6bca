import {
  BedrockRuntimeClient,
  ConverseStreamCommand,
  type ConverseStreamCommandInput,
  type ConverseStreamOutput,
  type StopReason,
} from '@aws-sdk/client-bedrock-runtime'
import { bedrockError } from './bedrock-error.ts'
import type { LlmEvent, LlmProvider, LlmRequest } from './llm-provider.ts'
import { LLM_TIMEOUTS, type LlmTimeouts } from './llm-timeouts.ts'
import { ProviderError } from './provider-error.ts'
import { withDeadlines } from './with-deadlines.ts'

const STOP_REASONS: ReadonlyMap<StopReason, Extract<LlmEvent, { type: 'stop' }>['reason']> = new Map([
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['content_filtered', 'content_filter'],
  ['guardrail_intervened', 'content_filter'],
  ['tool_use', 'tool_calls'],
])

/** Every model of Amazon Bedrock, by ConverseStream. The function's role is the key; `model` is a model or inference profile id. */
export function bedrockLlmProvider(
  options: { client?: BedrockRuntimeClient | undefined; timeouts?: LlmTimeouts | undefined } = {},
): LlmProvider {
  // Our own loop retries, and it must see every failure.
  const { client = new BedrockRuntimeClient({ maxAttempts: 1 }), timeouts = LLM_TIMEOUTS } = options

  async function* call(request: LlmRequest, signal: AbortSignal): AsyncGenerator<LlmEvent> {
    try {
      const response = await client.send(new ConverseStreamCommand(converseInput(request)), { abortSignal: signal })
      yield* events(response.stream ?? [])
    } catch (error) {
      throw bedrockError(error)
    }
  }

  return { stream: (request, signal) => withDeadlines('bedrock', (either) => call(request, either), signal, timeouts) }
}

function converseInput(request: LlmRequest): ConverseStreamCommandInput {
  const system = request.messages.filter((message) => message.role === 'system')
  return {
    modelId: request.model,
    system: system.map((message) => ({ text: message.content })),
    messages: request.messages.flatMap(({ role, content }) =>
      role === 'system' ? [] : [{ role, content: [{ text: content }] }],
    ),
    inferenceConfig: { temperature: request.temperature, maxTokens: request.maxTokens },
  }
}

async function* events(stream: AsyncIterable<ConverseStreamOutput> | ConverseStreamOutput[]): AsyncGenerator<LlmEvent> {
  let stop: LlmEvent | undefined
  for await (const event of stream) {
    const delta = event.contentBlockDelta?.delta
    if (delta?.reasoningContent?.text) yield { type: 'thinking', text: delta.reasoningContent.text }
    if (delta?.text) yield { type: 'text', text: delta.text }
    if (event.messageStop) stop = { type: 'stop', reason: STOP_REASONS.get(event.messageStop.stopReason ?? 'end_turn') ?? 'end' }
    const usage = event.metadata?.usage
    if (usage) yield { type: 'usage', inputTokens: usage.inputTokens ?? 0, outputTokens: usage.outputTokens ?? 0 }
  }
  if (!stop) throw new ProviderError('network_error', 'the answer was cut off', { provider: 'bedrock' })
  yield stop
}
