import type { SecretFor } from '#shared/llm/secret-for.ts'
import type { HeaderValue } from '#shared/protocol/llm.ts'

/** Headers that can be sent, and the secret values in them, which no result may repeat. */
export type ToolHeaders = { headers: Record<string, string>; secrets: readonly string[] }

/**
 * Puts the values of secrets in the place of their names.
 *
 * @param url - where they are sent: the value of a secret only ever goes to the origin that the secret names
 * @throws what `secretFor` throws
 */
export async function toolHeaders(
  secretFor: SecretFor,
  headers: Readonly<Record<string, HeaderValue>>,
  url: string,
): Promise<ToolHeaders> {
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
