const HIDDEN = '[redacted]'

/** Shortest part of a secret that is hidden, in characters. Longer than the common prefixes of keys, which are no secret. */
const PIECE = 16

export type Redact = (text: string) => string

/**
 * Removes secrets, and parts of them, from texts: servers may repeat what they were sent, hostile ones in disguise. Finds secrets in upper and lower
 * case, and encoded as URL, JSON, Base64 or hexadecimal, also in the middle of other text.
 */
export function redactor(secrets: readonly string[]): Redact {
  const pieces = new Set(secrets.flatMap(formsOf).map(lowerCase).flatMap(piecesOf))
  const lengths = [...new Set([...pieces].map(({ length }) => length))]
  if (lengths.length === 0) return (text) => text
  return (text) => {
    const plain = lowerCase(text)
    let shown = ''
    let place = 0
    let end = 0
    for (let start = 0; start < plain.length; start++) {
      const found = lengths.filter((length) => pieces.has(plain.slice(start, start + length)))
      if (found.length === 0) continue
      // Adjacent or overlapping finds become one.
      if (start > end || end === 0) shown += text.slice(place, start) + HIDDEN
      end = Math.max(end, start + Math.max(...found))
      place = end
    }
    return shown + text.slice(place)
  }
}

/** Removes secrets from one text. */
export const redact = (text: string, secrets: readonly string[]): string => redactor(secrets)(text)

/** Lower-cases ASCII only, so that positions stay the same: other letters may change their length. */
const lowerCase = (text: string): string => text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())

const piecesOf = (form: string): string[] =>
  form.length <= PIECE ? [form] : Array.from({ length: form.length - PIECE + 1 }, (_, start) => form.slice(start, start + PIECE))

const formsOf = (secret: string): string[] =>
  [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString('hex'),
    ...[0, 1, 2].flatMap((before) => base64Within(secret, before)),
  ].filter(Boolean)

/** The Base64 digits that depend on the secret alone, if so many bytes (modulo 3) precede it; in both alphabets. */
function base64Within(secret: string, before: number): string[] {
  const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)])
  const [from, to] = [Math.ceil((before * 8) / 6), Math.floor((bytes.length * 8) / 6)]
  return [bytes.toString('base64').slice(from, to), bytes.toString('base64url').slice(from, to)]
}
