/** Longest text of a table, in characters; all of it is there with --json. */
const MAX_SHOWN = 80

/** The beginning of a text, for a table. */
export function inOneLine(content: string): string {
  const line = content.replaceAll(/\s+/g, ' ')
  return line.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN - 1)}…` : line
}
