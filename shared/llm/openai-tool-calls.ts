import type { LlmToolCall } from './llm-provider.ts'
import type { OpenaiToolCallDelta } from './openai-chunk.ts'
import { ownCallId } from './own-call-id.ts'

type OpenCall = { index: number | undefined; id: string | undefined; name: string; arguments: string }

/** Puts tool calls together from their pieces. */
export type OpenaiToolCalls = {
  add(delta: OpenaiToolCallDelta): void
  /** All calls, in order; undefined when one of them has no name. */
  whole(): LlmToolCall[] | undefined
}

/**
 * Pieces belong together by their index. Compatible servers also send whole calls without one, or all of them with 0: there another
 * id, or another name without one, begins another call.
 */
export function openaiToolCalls(): OpenaiToolCalls {
  const calls: OpenCall[] = []

  function callOf({ index, id, function: piece }: OpenaiToolCallDelta): OpenCall {
    const known = typeof index === 'number' ? calls.findLast((call) => call.index === index) : calls.at(-1)
    const another = id ? known?.id !== undefined && known.id !== id : typeof index !== 'number' && Boolean(piece?.name)
    if (known && !another) return known
    const call: OpenCall = { index: index ?? undefined, id: undefined, name: '', arguments: '' }
    calls.push(call)
    return call
  }

  return {
    add(delta) {
      const call = callOf(delta)
      call.id ??= delta.id || undefined
      // Some servers repeat the name in every piece.
      call.name ||= delta.function?.name ?? ''
      call.arguments += delta.function?.arguments ?? ''
    },
    whole() {
      if (calls.some(({ name }) => name === '')) return undefined
      return calls.map((call) => ({
        callId: call.id ?? ownCallId(),
        toolName: call.name,
        // A model that calls a tool without parameters may write nothing at all.
        arguments: call.arguments || '{}',
      }))
    },
  }
}
