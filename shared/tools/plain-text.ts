/** What nobody sees and a model reads all the same: control characters, marks of direction, characters without width, tags. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}]/gu

/**
 * A text of a stranger that becomes part of what a model is told: nothing unseen is in it, and it is not long. Lines and tabs become spaces.
 *
 * @param maxLength - in UTF-16 code units
 */
export function plainText(text: string, maxLength: number): string {
  const plain = text
    .replaceAll(/[\n\r\t]/g, ' ')
    .replaceAll(UNSEEN, '')
    .replaceAll(/ {2,}/g, ' ')
    .trim()
  return plain.length <= maxLength ? plain : `${plain.slice(0, maxLength - 1).toWellFormed()}…`
}
