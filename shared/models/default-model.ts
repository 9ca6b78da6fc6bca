import { vendorBaseUrl } from '#shared/llm/vendor-base-url.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { LLM_PROVIDERS, type LlmProviderName, type LlmSettings, type ModelChoice } from '#shared/protocol/llm.ts'

/** The model that the operator of a stage has configured: agents with the provider `default` use it. */
export type StageModel = {
  provider: LlmProviderName
  model: string
  /** Root of an OpenAI-compatible API; absent: the vendor's own address. */
  endpoint: string | undefined
  /** Whether the stage names a secret of its own for the key, by ARN. */
  hasSecret: boolean
  /** Longest call, in seconds. */
  timeoutSeconds: number | undefined
  /** Longest answer, in tokens. */
  maxTokens: number | undefined
}

/** Both the service of the stage's own key, and the model name that stands for the stage's model. */
export const DEFAULT_SERVICE = 'default'

/** How settings ask for the stage's own model. */
export const DEFAULT_CHOICE = { provider: 'default', model: DEFAULT_SERVICE } satisfies ModelChoice

/** The environment variables that configure it. */
export type StageModelVariables = {
  LLM_MODEL?: string | undefined
  LLM_ENDPOINT?: string | undefined
  LLM_API_KEY_SECRET_ARN?: string | undefined
  LLM_TIMEOUT?: number | undefined
  LLM_MAX_TOKENS?: number | undefined
}

const isProvider = (name: string | undefined): name is LlmProviderName => LLM_PROVIDERS.some((provider) => provider === name)

/**
 * Reads the variables. `LLM_MODEL` is the name of a model, or `<provider>/<model>`. Without a provider the model is OpenAI's, or, with an endpoint,
 * served there by OpenAI's API.
 *
 * @returns undefined when the stage has no model
 */
export function readStageModel(variables: StageModelVariables): StageModel | undefined {
  const { LLM_MODEL: name, LLM_ENDPOINT, LLM_API_KEY_SECRET_ARN } = variables
  if (name === undefined) return undefined
  const [first, ...rest] = name.split('/')
  const hasProvider = rest.length > 0 && isProvider(first)
  // Some configure the full route of the completions instead of the root.
  const endpoint = LLM_ENDPOINT?.replace(/\/(chat\/)?completions\/?$/, '')
  const openAi = endpoint === undefined ? 'openai' : 'custom'
  return {
    provider: hasProvider ? first : openAi,
    model: hasProvider ? rest.join('/') : name,
    endpoint,
    hasSecret: LLM_API_KEY_SECRET_ARN !== undefined,
    timeoutSeconds: variables.LLM_TIMEOUT,
    maxTokens: variables.LLM_MAX_TOKENS,
  }
}

/** The secret that the stage names for its model. The key goes only to the stage's endpoint, or else to the vendor of its model. */
export function namedSecret(
  variables: StageModelVariables,
): { service: string; secret: string; baseUrl: string | undefined } | undefined {
  const secret = variables.LLM_API_KEY_SECRET_ARN
  const stage = readStageModel(variables)
  if (secret === undefined || stage === undefined) return undefined
  return { service: DEFAULT_SERVICE, secret, baseUrl: stage.endpoint ?? vendorBaseUrl(stage.provider) }
}

/**
 * Replaces the provider `default` by the stage's: its vendor, key, endpoint, time limit and limit of the answer. A model name other than `default` is
 * kept, and asked for at the same vendor. Settings with another provider are returned unchanged.
 *
 * @throws SluiceError `validation_error` when the stage has no model; retrying does not help
 */
export function resolveDefault(settings: LlmSettings, stage: StageModel | undefined): LlmSettings {
  if (settings.provider !== 'default') return settings
  if (stage === undefined)
    throw new SluiceError('validation_error', 'this stage has no default model: set "llmModel", or name a provider', {
      retryable: false,
    })
  const { provider, endpoint, hasSecret, timeoutSeconds, maxTokens } = stage
  const { baseUrl: _, headers: __, service: ___, ...asked } = settings
  return {
    ...asked,
    provider,
    model: settings.model === DEFAULT_SERVICE ? stage.model : settings.model,
    ...(hasSecret && { service: DEFAULT_SERVICE }),
    // All other providers take their address from the secret.
    ...(endpoint !== undefined && isOpen(provider) && { baseUrl: endpoint }),
    ...limited('maxTokens', settings.maxTokens, maxTokens),
    ...(timeoutSeconds !== undefined && {
      timeouts: { ...settings.timeouts, ...limited('totalSeconds', settings.timeouts?.totalSeconds, timeoutSeconds) },
    }),
  }
}

/** Whether the stage's model can answer for a virtual model: it exists, and is not virtual itself. */
export const standsIn = (stage: StageModel | undefined): boolean =>
  stage !== undefined && stage.provider !== 'virtual' && stage.provider !== 'default'

const isOpen = (provider: LlmProviderName): boolean => provider === 'custom' || provider === 'ollama'

/** The hosts that definitions may name, plus the one of the stage's own endpoint. */
export function allModelHosts(modelHosts: readonly string[], { LLM_ENDPOINT: endpoint }: StageModelVariables): string[] {
  return endpoint === undefined ? [...modelHosts] : [...modelHosts, new URL(endpoint).host]
}

/** The smaller of what is asked for and what the stage allows. */
function limited<Name extends string>(name: Name, asked: number | undefined, most: number | undefined): { [K in Name]?: number } {
  const value = Math.min(asked ?? Number.POSITIVE_INFINITY, most ?? Number.POSITIVE_INFINITY)
  return Number.isFinite(value) ? ({ [name]: value } as { [K in Name]?: number }) : {}
}
