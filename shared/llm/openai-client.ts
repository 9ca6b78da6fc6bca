import OpenAI, { AzureOpenAI } from 'openai'

/**
 * Options that are left out would be read from the environment, hence the nulls. Retries are ours. A redirect is not followed, because `fetch`
 * would take `api-key` and custom headers along to another origin.
 */
const OPTIONS = {
  organization: null,
  project: null,
  adminAPIKey: null,
  maxRetries: 0,
  logLevel: 'off',
  fetchOptions: { redirect: 'manual' },
} as const

/** A client for OpenAI's API. Without `apiKey` no `authorization` header is sent; `headers` override the SDK's own. */
export function openaiClient(options: {
  apiKey: string | undefined
  baseUrl: string
  headers?: Readonly<Record<string, string>> | undefined
}): OpenAI {
  const { apiKey, baseUrl, headers } = options
  return new OpenAI({
    ...OPTIONS,
    // The SDK insists on a key; a null header removes it again.
    apiKey: apiKey ?? 'none',
    defaultHeaders: { ...(apiKey === undefined && { authorization: null }), ...headers },
    baseURL: baseUrl,
  })
}

/** A client for a resource of Azure OpenAI: the SDK puts the deployment into the path and the key into `api-key`. */
export function openaiAzureClient(options: { apiKey: string; endpoint: string; apiVersion: string }): OpenAI {
  const { apiKey, endpoint, apiVersion } = options
  return new AzureOpenAI({ ...OPTIONS, apiKey, apiVersion, baseURL: `${endpoint.replace(/\/+$/, '')}/openai` })
}
