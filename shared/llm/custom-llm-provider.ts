import type { LlmProvider } from './llm-provider.ts'
import type { LlmTimeouts } from './llm-timeouts.ts'
import { openaiChatProvider } from './openai-chat-provider.ts'
import { openaiClient } from './openai-client.ts'

export type CustomLlmProviderOptions = {
  /** Root of the API, `/v1` included where the server has it. */
  baseUrl: string
  /** Sent as a bearer token. @default none is sent */
  apiKey?: string | undefined
  /** Sent in addition; they override all others. */
  headers?: Readonly<Record<string, string>> | undefined
  /** @default LLM_TIMEOUTS */
  timeouts?: LlmTimeouts | undefined
}

/** Any server that speaks OpenAI's chat completions, such as vLLM, LiteLLM, llama.cpp or a gateway; through OpenAI's SDK. */
export function customLlmProvider({ baseUrl, apiKey, headers, timeouts }: CustomLlmProviderOptions): LlmProvider {
  return openaiChatProvider({
    provider: 'custom',
    client: openaiClient({ apiKey, baseUrl, headers }),
    limitName: 'max_tokens',
    timeouts,
  })
}
