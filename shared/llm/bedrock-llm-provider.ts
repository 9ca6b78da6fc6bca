import { BedrockRuntimeClient, ConverseStreamCommand } from '@aws-sdk/client-bedrock-runtime'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import type { LlmSettings } from '#shared/protocol/llm.ts'
import { bedrockError } from './bedrock-error.ts'
import { bedrockEvents } from './bedrock-events.ts'
import { bedrockRequest } from './bedrock-request.ts'
import type { LlmEvent, LlmProvider, LlmRequest } from './llm-provider.ts'
import { LLM_TIMEOUTS, type LlmTimeouts } from './llm-timeouts.ts'
import { ProviderError } from './provider-error.ts'
import { withDeadlines } from './with-deadlines.ts'

export type BedrockLlmProviderOptions = {
  /** @default a client of the function's role and region, with its retries off */
  client?: BedrockRuntimeClient | undefined
  /** Checks the input and the output. */
  guardrail?: LlmSettings['guardrail']
  /** @default LLM_TIMEOUTS */
  timeouts?: LlmTimeouts | undefined
}

/** Every model of Amazon Bedrock, through ConverseStream. No key: the function's IAM role calls. `model` is the id of a model or inference profile. */
export function bedrockLlmProvider(options: BedrockLlmProviderOptions = {}): LlmProvider {
  const { guardrail, timeouts = LLM_TIMEOUTS } = options
  const client = options.client ?? bedrockClient(timeouts)

  async function* call(request: LlmRequest, signal: AbortSignal): AsyncGenerator<LlmEvent> {
    // Otherwise the SDK keeps the connection open when the consumer stops reading.
    const left = new AbortController()
    let requestId: string | undefined
    try {
      const command = new ConverseStreamCommand(bedrockRequest(request, guardrail))
      const { stream, $metadata } = await client.send(command, { abortSignal: AbortSignal.any([signal, left.signal]) })
      requestId = $metadata.requestId ?? ''
      if (!stream) throw new ProviderError('provider_error', 'the answer has no stream', { provider: 'bedrock' })
      yield* bedrockEvents(stream, { provider: 'bedrock', providerRequestId: requestId })
    } catch (error) {
      throw bedrockError(error, requestId)
    } finally {
      left.abort()
    }
  }

  return { stream: (request, signal) => withDeadlines('bedrock', (either) => call(request, either), signal, timeouts) }
}

/** HTTP/1.1 with keep-alive. The client defaults to HTTP/2, which local clouds and test servers do not speak without TLS. */
function bedrockClient({ connectMs }: LlmTimeouts): BedrockRuntimeClient {
  return new BedrockRuntimeClient({
    // Retries are made by the layers above, which must see every failure.
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({ connectionTimeout: connectMs }),
  })
}
