import * as z from 'zod'
import { LLM_PROVIDERS } from './llm-provider-names.ts'

export { LLM_PROVIDERS }

/** Part of a secret's name: `{platform}-{service}-secret`. */
export const serviceSchema = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$/, 'use lower-case letters, digits and "-"')

/** How a model answers. What a provider does not know is left out with a warning in the stream; its own ranges are kept by clamping. */
export const generationSchema = z.strictObject({
  /** 0 to 0.3 is exact, 0.4 to 0.7 balanced, from 0.8 inventive. */
  temperature: z.number().min(0).max(2).optional(),
  /** Longest answer, in tokens. */
  maxTokens: z.int().positive().max(1_000_000).optional(),
  topP: z.number().min(0).max(1).optional(),
  frequencyPenalty: z.number().min(-2).max(2).optional(),
  presencePenalty: z.number().min(-2).max(2).optional(),
  /** Texts at which the answer ends; they are not part of it. */
  stopSequences: z.array(z.string().min(1).max(256)).min(1).max(16).optional(),
  /** How much a reasoning model thinks before it answers. */
  reasoningEffort: z.enum(['low', 'medium', 'high']).optional(),
})

/** Which model is asked. The key never stands here: it is in the secret `{platform}-{service}-secret`. */
export const modelChoiceSchema = z.strictObject({
  provider: z.enum(LLM_PROVIDERS),
  /** Name of the model as the provider knows it; for Azure the deployment, for `virtual` the rule. */
  model: z.string().min(1).max(128),
  /** Service part of the secret's name; the provider's name when absent. The secret also says which base URL its key is for. */
  service: serviceSchema.optional(),
})

/** What a header takes. Clients of HTTP quote a value that they refuse, and a secret may stand in it. */
const headerText = (maxLength: number) =>
  z
    .string()
    .max(maxLength)
    .refine((text) => /^[\x20-\x7e\t]*$/.test(text), 'use visible characters of ASCII')

/** A value, or where it stands: in the secret of a service. Such a value only ever goes to the origin that its secret names. */
export const headerValueSchema = z.union([
  headerText(2_048),
  z.strictObject({ secret: serviceSchema, prefix: headerText(32).optional() }),
])

/**
 * Headers of the connection, and the one that names the site: a front that serves many would pass a secret on to another site than its origin says.
 * Source: RFC 9110, 7.2 and 7.6.1.
 */
const CONNECTION_HEADER =
  /^(host|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|content-length|expect|forwarded|x-forwarded-host)$/i

/** Headers by name. */
export const headersSchema = z
  .record(z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/, 'use a name of a header'), headerValueSchema)
  .refine((headers) => Object.keys(headers).length <= 20, 'use at most 20 headers')
  .refine((headers) => !Object.keys(headers).some((name) => CONNECTION_HEADER.test(name)), 'leave out headers of the connection')

/** Root of an API. Whoever has a key for it writes that into a secret, where no error quotes it. */
export const baseUrlSchema = z.url({ protocol: /^https?$/ }).refine((url) => {
  const { username = '', password = '' } = URL.parse(url) ?? {}
  return username === '' && password === ''
}, 'must not carry a user or a password')

/** Node's `fetch` waits no longer for a connection. Source: undici, `connectTimeout`. */
const MAX_CONNECT_SECONDS = 10

/** Longest silences and the longest call, in seconds; the platform's when absent. */
export const llmTimeoutsSchema = z.strictObject({
  connectSeconds: z.number().positive().max(MAX_CONNECT_SECONDS).optional(),
  firstTokenSeconds: z.number().positive().max(600).optional(),
  idleSeconds: z.number().positive().max(600).optional(),
  totalSeconds: z.number().positive().max(840).optional(),
})

/** Most models that are asked when the one before fails. */
export const MAX_FALLBACKS = 5

export const llmSettingsSchema = z.strictObject({
  ...modelChoiceSchema.shape,
  ...generationSchema.shape,
  /** For `custom` and `ollama`, when no secret says it; its host must be on the stage's list. */
  baseUrl: baseUrlSchema.max(2_048).optional(),
  /** For `custom`. */
  headers: headersSchema.optional(),
  timeouts: llmTimeoutsSchema.optional(),
  /** Asked one after the other when a call fails before its first word. */
  fallbacks: z
    .array(z.strictObject({ ...modelChoiceSchema.shape, ...generationSchema.shape }))
    .max(MAX_FALLBACKS)
    .optional(),
  /** Answers the same request from memory for so long. */
  cache: z.strictObject({ ttlSeconds: z.int().min(1).max(604_800) }).optional(),
  /** For Bedrock: looks at what goes in and what comes out. */
  guardrail: z.strictObject({ id: z.string().min(1).max(2_048), version: z.string().min(1).max(8) }).optional(),
})

/** What one request, or a place of a workflow, may say over the agent's settings; field by field. */
export const llmOverridesSchema = z
  .strictObject({ provider: modelChoiceSchema.shape.provider, model: modelChoiceSchema.shape.model, ...generationSchema.shape })
  .partial()

export type LlmProviderName = (typeof LLM_PROVIDERS)[number]
export type Generation = z.infer<typeof generationSchema>
export type ModelChoice = z.infer<typeof modelChoiceSchema>
export type HeaderValue = z.infer<typeof headerValueSchema>
export type LlmSettings = z.infer<typeof llmSettingsSchema>
export type LlmOverrides = z.infer<typeof llmOverridesSchema>
