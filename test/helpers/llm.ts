import type { LlmEvent, LlmRequest } from '#shared/llm/llm-provider.ts'

export const llmRequest = (content: string, overrides: Partial<LlmRequest> = {}): LlmRequest => ({
  model: 'answer',
  messages: [{ role: 'user', content }],
  ...overrides,
})

export const textOf = (events: readonly LlmEvent[]): string =>
  events.map((event) => (event.type === 'text' ? event.text : '')).join('')

/** Events until the call ends, and the error when it ends badly. */
export async function outcomeOf<Item>(stream: AsyncIterable<Item>): Promise<{ events: Item[]; error: unknown }> {
  const events: Item[] = []
  try {
    for await (const event of stream) events.push(event)
    return { events, error: undefined }
  } catch (error) {
    return { events, error }
  }
}

/** A signal that nobody aborts. */
export const never = (): AbortSignal => new AbortController().signal
