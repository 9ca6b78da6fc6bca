import canonicalize from 'canonicalize'
import { sha256 } from './sha256.ts'

/**
 * SHA-256 of a value as canonical JSON, in hexadecimal: the same for the same value, in whatever order its fields stand.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8785
 */
export const digestOf = (value: unknown): string => sha256(canonicalText(value))

/** Canonical JSON knows no lone surrogates, which JSON has: such a value is taken as it was written. */
function canonicalText(value: unknown): string {
  const text = JSON.stringify(value) ?? 'null'
  return text.isWellFormed() && !LONE_SURROGATE.test(text) ? (canonicalize(JSON.parse(text)) ?? 'null') : text
}

/** How `JSON.stringify` writes one. */
const LONE_SURROGATE = /\\ud[89a-f][0-9a-f]{2}/
