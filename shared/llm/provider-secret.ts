import * as z from 'zod'
import { conceal } from '#shared/platform/concealed.ts'
import { jsonOrUndefined } from '#shared/platform/json-or-undefined.ts'
import { baseUrlSchema } from '#shared/protocol/llm.ts'
import { InvalidSecretError } from './invalid-secret-error.ts'
import { keyFingerprint, type ProviderKey } from './provider-key.ts'

/** Most keys in one secret. */
const MAX_KEYS = 20

/** Headers take visible ASCII only. */
const apiKeySchema = z
  .string()
  .max(4_096)
  .regex(/^[\x21-\x7e]+$/)

/** What applies to every key of a secret. The base URL is part of the secret, so its owner decides where the keys go. */
const accessSchema = z.strictObject({
  baseUrl: baseUrlSchema.optional(),
  apiVersion: z.string().min(1).max(64).optional(),
  headers: z
    .record(z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/), z.string().regex(/^[\x20-\x7e\t]{1,4096}$/))
    .optional(),
})

const keySchema = z.strictObject({
  apiKey: apiKeySchema,
  requestsPerMinute: z.int().positive().max(1_000_000).optional(),
  tokensPerMinute: z.int().positive().max(1_000_000_000).optional(),
  weight: z.number().positive().max(1_000).optional(),
})

const secretSchema = z.union([
  accessSchema.extend(keySchema.shape).transform(({ baseUrl, apiVersion, headers, ...key }) => ({
    baseUrl,
    apiVersion,
    headers,
    keys: [key],
  })),
  accessSchema.extend({ keys: z.array(keySchema).min(1).max(MAX_KEYS) }),
])

/** The content of a secret, as it is written. */
export type ProviderSecret = z.input<typeof accessSchema> & { keys: z.input<typeof keySchema>[] }

/**
 * Reads the secret of a service: a bare key, `{"apiKey", "baseUrl"?, …}`, or `{"keys": [{"apiKey", …}], "baseUrl"?, …}`. A key that occurs
 * twice counts once.
 *
 * @throws InvalidSecretError with the secret's name; parsers quote what they read, so neither their message nor their error is passed on
 */
export function readProviderSecret(secretName: string, value: string): ProviderSecret {
  const text = value.trim()
  const result = secretSchema.safeParse(text.startsWith('{') ? jsonOrUndefined(text) : { apiKey: text })
  if (!result.success) throw new InvalidSecretError(secretName)
  const keys = new Map(result.data.keys.map((key) => [key.apiKey, key]))
  return { ...result.data, keys: [...keys.values()] }
}

/**
 * The keys of a service, ready for use.
 *
 * @throws InvalidSecretError
 */
export function parseProviderKeys(secretName: string, service: string, value: string): readonly ProviderKey[] {
  const { keys, baseUrl, apiVersion, headers } = readProviderSecret(secretName, value)
  return keys.map(({ apiKey, weight = 1, requestsPerMinute, tokensPerMinute }) => ({
    apiKey: conceal(apiKey),
    fingerprint: keyFingerprint(service, apiKey),
    baseUrl,
    apiVersion,
    headers: headers && conceal(headers),
    weight,
    requestsPerMinute,
    tokensPerMinute,
  }))
}

/** The content of a secret, in its shortest form. */
export function writeProviderSecret({ keys, ...access }: ProviderSecret): string {
  const [only, ...more] = keys
  return JSON.stringify(only && more.length === 0 ? { ...only, ...access } : { keys, ...access })
}
