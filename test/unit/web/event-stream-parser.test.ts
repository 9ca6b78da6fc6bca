import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEventStreamParser, type ServerSentEvent } from '../../../web/client/event-stream-parser.ts'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

/** All events of a stream that comes in these parts. */
function parseParts(parts: readonly Uint8Array[]): ServerSentEvent[] {
  const parse = createEventStreamParser()
  return parts.flatMap((part) => parse(part))
}

/** Cuts bytes at the given places. */
function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const cuts = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return cuts.slice(1).map((end, index) => bytes.slice(cuts[index], end))
}

const line = fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.replace(/[\r\n\ufeff]/g, '·'))
const lineBreak = fc.constantFrom('\n', '\r\n', '\r')
const sent = fc.record({
  event: fc.constantFrom('content_chunk', 'preview', ''),
  data: fc.array(line, { minLength: 1, maxLength: 3 }),
  comment: fc.option(line),
  id: fc.option(fc.nat(1_000)),
})

describe('createEventStreamParser', () => {
  it('gives the events that were written, wherever the bytes are cut and however lines end', () => {
    const stream = fc.record({
      events: fc.array(sent, { maxLength: 8 }),
      end: lineBreak,
      space: fc.constantFrom('', ' '),
      cuts: fc.array(fc.nat(10_000), { maxLength: 30 }),
      hasMark: fc.boolean(),
    })
    fc.assert(
      fc.property(stream, ({ events, end, cuts, hasMark }) => {
        const text = events.map(({ event, data, comment, id }) =>
          [
            ...(comment === null ? [] : [`:${comment}`]),
            ...(id === null ? [] : [`id: ${id}`]),
            ...(event === '' ? [] : [`event: ${event}`]),
            ...data.map((part) => `data: ${part}`),
            '',
            '',
          ].join(end),
        )
        const bytes = bytesOf((hasMark ? '\ufeff' : '') + text.join(''))

        expect(parseParts(cutAt(bytes, cuts))).toEqual(
          events.map(({ event, data }) => ({ event: event || 'message', data: data.join('\n') })),
        )
      }),
    )
  })

  it.each([
    ['a comment', ': keep-alive\n\n'],
    ['a field it does not know', 'retry: 1000\n\n'],
    ['a cursor without an event', 'id: 7\n\n'],
    ['an event without data', 'event: content_chunk\n\n'],
    ['an event that was never finished', 'data: lost'],
  ])('gives nothing for %s', (_, text) => {
    expect(parseParts([bytesOf(text)])).toEqual([])
  })

  it('takes fields without a space, without a value and without a colon', () => {
    expect(parseParts([bytesOf('data:one\ndata:\ndata\ndata:  two\n\n')])).toEqual([{ event: 'message', data: 'one\n\n\n two' }])
  })

  it('does not take the second half of a line break for an empty line', () => {
    expect(parseParts(['data: a\r', '\ndata: b\r', '\n\r', '\n'].map(bytesOf))).toEqual([{ event: 'message', data: 'a\nb' }])
  })
})
