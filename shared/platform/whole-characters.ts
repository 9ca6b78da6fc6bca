/**
 * Takes a text in pieces that may be cut anywhere, and gives it out in whole characters: the first half of a surrogate pair waits for the second. A half
 * that stays alone becomes U+FFFD, as it would in UTF-8, which is all that tables and sockets take; at the very end it is left out.
 */
export function wholeCharacters(): (piece: string) => string {
  let half = ''
  return (piece) => {
    const text = half + piece
    half = /[\uD800-\uDBFF]$/.test(text) ? text.slice(-1) : ''
    return text.slice(0, text.length - half.length).toWellFormed()
  }
}
