import { type ProviderSecret, readProviderSecret } from '#shared/llm/provider-secret.ts'

/** The keys of a service and where they are for; undefined when the text of the secret is malformed. */
export function readSecret(service: string, text: string): ProviderSecret | undefined {
  try {
    return readProviderSecret(service, text)
  } catch {
    return undefined
  }
}
