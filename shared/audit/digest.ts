import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'

/**
 * SHA-256 of a value as canonical JSON, in hexadecimal: the same for the same value, in whatever order its fields stand.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8785
 */
export const digestOf = (value: unknown): string => sha256(canonicalText(value))

export const sha256 = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex')

/** Canonical JSON knows no lone surrogates, which JSON has: such a value is taken as it was written. */
function canonicalText(value: unknown): string {
  const text = JSON.stringify(value) ?? 'null'
  return text.isWellFormed() && !LONE_SURROGATE.test(text) ? (canonicalize(JSON.parse(text)) ?? 'null') : text
}

/** How `JSON.stringify` writes one. */
const LONE_SURROGATE = /\\ud[89a-f][0-9a-f]{2}/
