/** Longest text in a table, in characters; --json gives all of it. */
const MAX_SHOWN = 80

/** The beginning of a text, for a table. */
export function inOneLine(content: string, maxLength = MAX_SHOWN): string {
  const line = content.replaceAll(/\s+/g, ' ')
  return line.length > maxLength ? `${line.slice(0, maxLength - 1).trimEnd()}…` : line
}
