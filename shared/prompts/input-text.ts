/** An input as a model reads it: a text, an object whose `content` is the text, or any JSON as it is. */
export function inputText(input: unknown): string {
  if (typeof input === 'string') return input
  if (typeof input === 'object' && input !== null && 'content' in input && typeof input.content === 'string') return input.content
  return JSON.stringify(input ?? null)
}
