import type { LlmProvider } from './llm-provider.ts'
import type { LlmTimeouts } from './llm-timeouts.ts'
import { openaiChatProvider } from './openai-chat-provider.ts'
import { openaiAzureClient } from './openai-client.ts'

/** The newest version of the API that is no preview. Source: Azure OpenAI, "API version lifecycle". */
const AZURE_API_VERSION = '2024-10-21'

export type AzureLlmProviderOptions = {
  apiKey: string
  /** The resource: `https://<name>.openai.azure.com`. */
  baseUrl: string
  /** @default 2024-10-21 */
  apiVersion?: string | undefined
  /** @default LLM_TIMEOUTS */
  timeouts?: LlmTimeouts | undefined
}

/** Azure OpenAI, over OpenAI's SDK. A request's model is the name of a deployment. */
export function azureLlmProvider(options: AzureLlmProviderOptions): LlmProvider {
  const { apiKey, baseUrl, apiVersion = AZURE_API_VERSION, timeouts } = options
  return openaiChatProvider({
    provider: 'azure',
    client: openaiAzureClient({ apiKey, endpoint: baseUrl, apiVersion }),
    limitName: 'max_completion_tokens',
    timeouts,
  })
}
