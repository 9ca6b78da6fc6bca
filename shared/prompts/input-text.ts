/** An input as text for the model: a string as it is, the `content` of an object, or JSON. */
export function inputText(input: unknown): string {
  if (typeof input === 'string') return input
  if (typeof input === 'object' && input !== null && 'content' in input && typeof input.content === 'string') return input.content
  return JSON.stringify(input ?? null)
}
