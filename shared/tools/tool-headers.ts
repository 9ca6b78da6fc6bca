import type { HeaderValue } from '#shared/protocol/llm.ts'

/** Headers that can be sent, and the secret values in them, which no result may repeat. */
export type ReadyHeaders = { headers: Record<string, string>; secrets: readonly string[] }

/**
 * Puts the values of secrets in the place of their names.
 *
 * @param url - where they are sent: the value of a secret only ever goes to the origin that the secret names
 * @throws SecretNotFoundError naming the secret, SluiceError `forbidden` for another origin
 */
export type ToolHeaders = (headers: Readonly<Record<string, HeaderValue>>, url: string) => Promise<ReadyHeaders>
