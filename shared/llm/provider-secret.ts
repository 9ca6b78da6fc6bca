import * as z from 'zod'
import { InvalidSecretError } from './invalid-secret-error.ts'

/** Content of a model provider's secret. The base URL stands beside the key, so the key only goes where its owner sends it. */
const providerSecretSchema = z.strictObject({
  apiKey: z.string().min(1),
  baseUrl: z.url({ protocol: /^https?$/ }).optional(),
})

export type ProviderSecret = z.infer<typeof providerSecretSchema>

/**
 * Reads a secret: the key as it is, or `{"apiKey", "baseUrl"?}`.
 *
 * @throws InvalidSecretError with the secret's name; parsers quote what they read, so neither their text nor their error is passed on
 */
export function parseProviderSecret(secretName: string, value: string): ProviderSecret {
  const text = value.trim()
  if (!text.startsWith('{')) {
    // Headers take visible ASCII only.
    if (!/^[\x21-\x7e]+$/.test(text)) throw new InvalidSecretError(secretName)
    return { apiKey: text }
  }
  const result = providerSecretSchema.safeParse(json(text))
  if (!result.success) throw new InvalidSecretError(secretName)
  return result.data
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
