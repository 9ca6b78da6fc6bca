import { describe, expect, it } from 'vitest'
import type { LlmEvent } from '#shared/llm/llm-provider.ts'
import { withWholeCharacters } from '#shared/models/with-whole-characters.ts'
import { llmRequest, never, outcomeOf } from '../../helpers/llm.ts'

const text = (piece: string): LlmEvent => ({ type: 'text', text: piece })
const thinking = (piece: string): LlmEvent => ({ type: 'thinking', text: piece })
const call = (json: string): LlmEvent => ({ type: 'tool_call', call: { callId: 'c', toolName: 'find', arguments: json } })
const stop: LlmEvent = { type: 'stop', reason: 'end' }

async function heard(...said: LlmEvent[]): Promise<LlmEvent[]> {
  const provider = withWholeCharacters({
    async *stream() {
      yield* said
    },
  })
  return (await outcomeOf(provider.stream(llmRequest('Hi'), never()))).events
}

describe('withWholeCharacters', () => {
  it('joins a character that comes in two pieces, text and thoughts apart', async () => {
    const events = await heard(text('a\ud83d'), thinking('\ud83e'), text('\ude00b'), thinking('\udd14'), stop)

    expect(events).toEqual([text('a'), text('😀b'), thinking('🤔'), stop])
  })

  it('lets no half of a character through, in arguments neither', async () => {
    const events = await heard(text('a\ud800b'), call('{"city":"\udc00"}'), text('c\ud800'), stop)

    expect(events).toEqual([text('a\ufffdb'), call('{"city":"\ufffd"}'), text('c'), stop])
  })
})
