const HIDDEN = '[redacted]'

/** A text in which no secret stands, as it is or as addresses and JSON write it: servers like to repeat what they were sent. */
export function redact(text: string, secrets: readonly string[]): string {
  let shown = text
  // The longest first: one may be the beginning of another.
  for (const form of [...new Set(secrets.flatMap(formsOf))].toSorted((one, other) => other.length - one.length))
    shown = shown.replaceAll(form, HIDDEN)
  return shown
}

const formsOf = (secret: string): string[] =>
  [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), Buffer.from(secret).toString('base64')].filter(
    Boolean,
  )
