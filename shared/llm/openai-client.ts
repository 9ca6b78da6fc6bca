import OpenAI, { AzureOpenAI } from 'openai'

/**
 * All is said here: what is left out, the SDK would take from the environment. Our own loop retries. A redirect is an error: `fetch` keeps `api-key` and
 * headers of one's own on the way to another origin.
 */
const OPTIONS = {
  organization: null,
  project: null,
  adminAPIKey: null,
  maxRetries: 0,
  logLevel: 'off',
  fetchOptions: { redirect: 'error' },
} as const

/** A client for OpenAI's API. Without a key no key is sent; `headers` win over the SDK's own. */
export function openaiClient(options: {
  apiKey: string | undefined
  baseUrl: string
  headers?: Readonly<Record<string, string>> | undefined
}): OpenAI {
  const { apiKey, baseUrl, headers } = options
  return new OpenAI({
    ...OPTIONS,
    // The SDK wants a key; null takes its header away again.
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
