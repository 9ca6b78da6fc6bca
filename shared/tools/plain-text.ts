/** Characters that people do not see, but models read: control characters, direction marks, zero-width characters, tags. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}]/gu

/**
 * Prepares untrusted text for a prompt: removes invisible characters and limits the length. Line breaks and tabs become spaces.
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
