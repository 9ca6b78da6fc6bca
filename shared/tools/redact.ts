const HIDDEN = '[redacted]'

/** Shortest piece of a secret that is hidden by itself, in characters. What keys of one service have in common at their beginning is shorter. */
const PIECE = 16

export type Redact = (text: string) => string

/**
 * Texts in which no secret stands, nor a piece of one: servers like to repeat what they were sent, and hostile ones in a way that hides it. Found are
 * secrets as they are, in capitals or not, and as addresses, JSON, Base64 and hexadecimal digits write them, also in the middle of something else.
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
      // What overlaps, or follows at once, is one.
      if (start > end || end === 0) shown += text.slice(place, start) + HIDDEN
      end = Math.max(end, start + Math.max(...found))
      place = end
    }
    return shown + text.slice(place)
  }
}

/** One text without the secrets. */
export const redact = (text: string, secrets: readonly string[]): string => redactor(secrets)(text)

/** Places stay where they are: other letters than those of ASCII may become longer. */
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

/** The digits that are the secret's alone where so many bytes, and any number of threes, stand before it; in both alphabets. */
function base64Within(secret: string, before: number): string[] {
  const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)])
  const [from, to] = [Math.ceil((before * 8) / 6), Math.floor((bytes.length * 8) / 6)]
  return [bytes.toString('base64').slice(from, to), bytes.toString('base64url').slice(from, to)]
}
