import type { LlmToolCall } from './llm-provider.ts'
import type { OpenaiToolCallDelta } from './openai-chunk.ts'
import { ownCallId } from './own-call-id.ts'

type OpenCall = { index: number | undefined; id: string | undefined; name: string; arguments: string }

/** Assembles tool calls from their streamed pieces. */
export type OpenaiToolCalls = {
  add(delta: OpenaiToolCallDelta): void
  /** All calls, in order; undefined when one of them has no name. */
  whole(): LlmToolCall[] | undefined
}

/**
 * Pieces with the same index belong together. Compatible servers also send whole calls without an index, or all of them with 0: there a new
 * id, or a new name without an index, starts a new call.
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
        // For a tool without parameters a model may write nothing at all.
        arguments: call.arguments || '{}',
      }))
    },
  }
}
