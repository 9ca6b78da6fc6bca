import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sleep } from '#shared/platform/clock.ts'
import type { ExecutionEvent, StreamEvent } from '#shared/protocol/stream-event.ts'
import { memoryStreamLog } from '#shared/streams/memory-stream-log.ts'
import { type FeedBatch, type RunFeed, runFeed } from '#shared/streams/run-feed.ts'
import { answer, chunk, executionEvents, retrying, started } from '../../helpers/execution-events.ts'
import { never } from '../../helpers/llm.ts'
import { aChannel } from '../../helpers/streams.ts'

/** A feed, and a writer that puts events into the log first, as writers do. */
function setUp() {
  const [log, ref] = [memoryStreamLog(), aChannel()]
  const feed = runFeed(log, ref)
  const append = async (...events: ExecutionEvent[]): Promise<void> => {
    await log.append(ref, events)
    feed.tap.appended(events)
  }
  return { log, ref, feed, append }
}

/** What a client shows: the text of its events, and the previews behind the last one. */
async function show(feed: RunFeed, signal = never(), pause = async (): Promise<void> => undefined) {
  const [batches, events]: [FeedBatch[], StreamEvent[]] = [[], []]
  const texts: string[] = []
  let preview = ''
  for await (const batch of feed.batches(signal)) {
    batches.push(batch)
    events.push(...batch.events)
    preview = batch.events.length > 0 ? batch.preview : preview + batch.preview
    texts.push(events.map((event) => (event.type === 'content_chunk' ? event.data.text : '')).join('') + preview)
    await pause()
  }
  return { batches, events, texts }
}

const settled = (): Promise<void> => sleep(0)

describe('runFeed', () => {
  it('gives text at once and events once the log has them; what a client shows only ever grows', async () => {
    const { feed, append } = setUp()
    const showing = show(feed)
    const [begin, one, two, end] = answer(['Hello ', 'there'])
    if (!begin || !one || !two || !end) throw new Error('an answer has four events here')

    await append(begin)
    await settled()
    for (const text of ['Hel', 'lo ', 'the']) {
      feed.tap.gathered(text)
      await settled()
    }
    // The flush took what stood there when it began.
    await append(one)
    await settled()
    feed.tap.gathered('re')
    await append(two, end)

    const { batches, events, texts } = await showing
    expect(events).toEqual([begin, one, two, end])
    expect(batches.map(({ preview }) => preview)).toEqual(['', 'Hel', 'lo ', 'the', 'the', ''])
    expect(texts).toEqual(['', 'Hel', 'Hello ', 'Hello the', 'Hello the', 'Hello there'])
  })

  it('gives text of an attempt that was taken back no second time', async () => {
    const { feed, append } = setUp()
    const showing = show(feed)

    await append(...executionEvents([started()]))
    await settled()
    feed.tap.gathered('half')
    await settled()
    await append(...executionEvents([chunk('half'), retrying(0)], 'e1', 1))
    await settled()
    feed.tap.gathered('whole')
    await settled()
    feed.close()

    expect((await showing).batches.map(({ preview }) => preview)).toEqual(['', 'half', '', 'whole'])
  })

  it('keeps little for a reader that stands still, and reads the rest from the log', async () => {
    const { log, ref, feed, append } = setUp()
    const all = answer(Array.from({ length: 300 }, (_, index) => `word ${index} `))
    const batches = feed.batches(never())
    await append(...all.slice(0, 1))
    const first = await batches.next()

    for (const event of all.slice(1)) {
      if (event.type === 'content_chunk') feed.tap.gathered(event.data.text)
      await append(event)
    }
    const reads: number[] = []
    const read = log.read.bind(log)
    log.read = (channel, after, ...rest) => {
      reads.push(after)
      return read(channel, after, ...rest)
    }
    const rest: StreamEvent[] = []
    for await (const { events } of batches) rest.push(...events)

    expect([...(first.value?.events ?? []), ...rest]).toEqual(all)
    expect(reads).toEqual([0])
    expect((await read(ref, -1)).length).toBe(all.length)
  })

  it('ends when the run does, though the stream goes on elsewhere', async () => {
    const { feed, append } = setUp()
    const showing = show(feed)

    await append(...executionEvents([started()]))
    feed.tap.gathered('dropped')
    await settled()
    feed.close()

    expect((await showing).events.map(({ type }) => type)).toEqual(['started'])
  })

  it('ends with its reader, at once and without an error', async () => {
    const { feed } = setUp()
    const gone = new AbortController()
    const showing = show(feed, gone.signal)

    await settled()
    gone.abort()

    expect((await showing).batches).toEqual([])
  })

  it('passes on what the log throws, and ends when the log does not show an event', async () => {
    const { log, feed } = setUp()
    feed.tap.appended(answer(Array.from({ length: 100 }, String)))

    expect((await show(feed)).events).toEqual([])
    log.read = () => Promise.reject(new Error('table is gone'))
    await expect(show(feed)).rejects.toThrow('table is gone')
  })

  it('gives every event once and in order, and never shows less than before, however slow its reader is', async () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ kind: fc.constant('text' as const), text: fc.string({ minLength: 1, maxLength: 4 }) }),
        fc.constant({ kind: 'flush' as const }),
        fc.constant({ kind: 'pause' as const }),
      ),
      { maxLength: 60 },
    )

    await fc.assert(
      fc.asyncProperty(steps, fc.array(fc.nat(2), { minLength: 1 }), async (script, pauses) => {
        const { feed, append } = setUp()
        let turn = 0
        const pause = async (): Promise<void> => {
          for (let rest = pauses[turn++ % pauses.length] ?? 0; rest > 0; rest--) await settled()
        }
        const showing = show(feed, never(), pause)
        let [gathered, next, whole] = ['', 0, '']
        const flush = async (): Promise<void> => {
          if (gathered === '') return
          const [event] = executionEvents([chunk(gathered)], 'e1', next)
          next += 1
          // Whatever is gathered while the log is written leaves with the next flush.
          gathered = ''
          if (event) await append(event)
        }
        for (const step of script) {
          if (step.kind === 'flush') await flush()
          else if (step.kind === 'pause') await settled()
          else {
            gathered += step.text
            whole += step.text
            feed.tap.gathered(step.text)
          }
        }
        await flush()
        feed.close()

        const { events, texts } = await showing
        expect(events.map(({ sequence }) => sequence)).toEqual(Array.from({ length: next }, (_, index) => index))
        expect(texts.at(-1) ?? '').toBe(whole)
        for (const [index, text] of texts.entries())
          expect(whole.startsWith(text) && text.length >= (texts[index - 1] ?? '').length).toBe(true)
      }),
      { numRuns: 200 },
    )
  })
})
