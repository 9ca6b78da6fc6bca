import type { HeaderValue } from '#shared/protocol/llm.ts'
import type { SecretFor } from './secret-for.ts'

/** Headers ready to be sent, and the secret values in them, which must not show up anywhere else. */
export type SecretHeaders = { headers: Record<string, string>; secrets: readonly string[] }

/**
 * Fills in the values of the secrets that headers name.
 *
 * @param url - where the headers are sent: a secret's value only ever goes to the origin that the secret itself names
 * @throws what `secretFor` throws
 */
export async function secretHeaders(
  secretFor: SecretFor,
  headers: Readonly<Record<string, HeaderValue>>,
  url: string,
): Promise<SecretHeaders> {
  const secrets: string[] = []
  const ready = await Promise.all(
    Object.entries(headers).map(async ([name, value]): Promise<[string, string]> => {
      if (typeof value === 'string') return [name, value]
      const secret = await secretFor(value.secret, url)
      secrets.push(secret)
      return [name, `${value.prefix ?? ''}${secret}`]
    }),
  )
  return { headers: Object.fromEntries(ready), secrets }
}
