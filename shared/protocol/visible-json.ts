/** What JSON leaves as it is and nobody sees: marks of direction, characters without width, control characters above ASCII, tags. */
const UNSEEN = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu

/**
 * JSON in which nothing hides, for whoever decides on it: a mark of direction could show an account's number the other way round.
 *
 * @param indent - spaces a level; one line without it
 */
export const visibleJson = (value: unknown, indent?: number): string =>
  JSON.stringify(value ?? null, undefined, indent).replaceAll(UNSEEN, escaped)

const escaped = (character: string): string =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
