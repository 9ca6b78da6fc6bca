/**
 * What is told of an answer that is an error.
 *
 * @param reason - status and names that the provider gave; never its own text, which may quote a key
 */
export function errorAnswer(status: number | undefined, reason: string): string {
  const what = status !== undefined && status >= 300 && status < 400 ? 'a redirect, which is not followed' : 'an error'
  return `the provider answered with ${what}${reason === '' ? '' : ` (${reason})`}`
}
