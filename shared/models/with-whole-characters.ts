import type { LlmEvent, LlmProvider } from '#shared/llm/llm-provider.ts'
import { wholeCharacters } from '#shared/platform/whole-characters.ts'

/** What a model says as Unicode: JSON lets servers send halves of characters, which nobody could store. */
export function withWholeCharacters(provider: LlmProvider): LlmProvider {
  return {
    async *stream(request, signal) {
      const whole = { text: wholeCharacters(), thinking: wholeCharacters() }
      for await (const event of provider.stream(request, signal)) {
        const mended = mend(event, whole)
        if (mended) yield mended
      }
    },
  }
}

/** @returns undefined when nothing is left to be told yet */
function mend(event: LlmEvent, whole: Record<'text' | 'thinking', (piece: string) => string>): LlmEvent | undefined {
  if (event.type === 'tool_call') return { ...event, call: { ...event.call, arguments: event.call.arguments.toWellFormed() } }
  if (event.type !== 'text' && event.type !== 'thinking') return event
  const text = whole[event.type](event.text)
  return text === '' && event.text !== '' ? undefined : { ...event, text }
}
