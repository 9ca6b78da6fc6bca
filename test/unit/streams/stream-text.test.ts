import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { StreamEventBody } from '#shared/protocol/stream-event.ts'
import { StreamText, textDigest } from '#shared/streams/stream-text.ts'
import { answer, chunk, completed, executionEvents, retrying, sha256, started } from '../../helpers/execution-events.ts'

const textOf = (bodies: StreamEventBody[]): string => {
  const text = new StreamText()
  for (const event of executionEvents(bodies)) text.apply(event)
  return text.text
}

describe('StreamText', () => {
  it('joins the chunks and nothing else', () => {
    const thinking: StreamEventBody = { type: 'thinking', data: { text: 'hm' } }
    const usage: StreamEventBody = { type: 'usage', data: { inputTokens: 1, outputTokens: 2 } }

    expect(textOf([started(), thinking, chunk('A '), chunk('gate.'), usage, completed('A gate.', 6)])).toBe('A gate.')
  })

  it.each<[string, StreamEventBody[], string]>([
    ['everything', [started(), chunk('half'), retrying(-1), chunk('whole')], 'whole'],
    ['what follows the cursor', [started(), chunk('kept '), chunk('dropped'), retrying(1), chunk('new')], 'kept new'],
    ['nothing that follows itself', [started(), chunk('a'), retrying(-1, 2), chunk('b'), retrying(2, 3), chunk('c')], 'c'],
    ['nothing of an attempt without text', [started(), retrying(-1, 2), retrying(-1, 3), chunk('c')], 'c'],
  ])('has "retrying" take back %s', (_what, bodies, expected) => {
    expect(textOf(bodies)).toBe(expected)
  })

  it('is what the proof of an answer is made of, in whatever pieces it came', async () => {
    await fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (texts) => {
        const events = answer(texts)
        const text = new StreamText()
        for (const event of events) text.apply(event)

        expect(events.at(-1)?.data).toMatchObject({ sha256: textDigest(text.text), events: texts.length + 2 })
      }),
    )
  })
})

describe('textDigest', () => {
  it('is the SHA-256 of the UTF-8 bytes, in lower-case hex', () => {
    expect(textDigest('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
    expect(textDigest('Grüße 🚢')).toBe(sha256('Grüße 🚢'))
    expect(textDigest('Grüße 🚢')).toMatch(/^[0-9a-f]{64}$/)
  })
})
