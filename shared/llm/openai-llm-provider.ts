import type { LlmProvider } from './llm-provider.ts'
import type { LlmTimeouts } from './llm-timeouts.ts'
import { openaiChatProvider } from './openai-chat-provider.ts'
import { openaiClient } from './openai-client.ts'
import { OPENAI_BASE_URL } from './vendor-base-url.ts'

export type OpenaiLlmProviderOptions = {
  apiKey: string
  /** Root of the API, `/v1` included. @default OpenAI itself */
  baseUrl?: string | undefined
  /** @default LLM_TIMEOUTS */
  timeouts?: LlmTimeouts | undefined
}

/** OpenAI, or a gateway in front of it, through the official SDK. */
export function openaiLlmProvider({ apiKey, baseUrl = OPENAI_BASE_URL, timeouts }: OpenaiLlmProviderOptions): LlmProvider {
  return openaiChatProvider({
    provider: 'openai',
    client: openaiClient({ apiKey, baseUrl }),
    limitName: baseUrl === OPENAI_BASE_URL ? 'max_completion_tokens' : 'max_tokens',
    timeouts,
  })
}
