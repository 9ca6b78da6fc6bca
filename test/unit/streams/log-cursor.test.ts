import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { systemClock } from '#shared/platform/clock.ts'
import { newId } from '#shared/platform/ids.ts'
import type { RealtimeEventFrame } from '#shared/protocol/socket-frame.ts'
import type { ExecutionEvent, StreamEventBody } from '#shared/protocol/stream-event.ts'
import { isTerminalEvent } from '#shared/protocol/terminal-events.ts'
import { channelSender } from '#shared/streams/channel-sender.ts'
import { memoryStreamLog } from '#shared/streams/memory-stream-log.ts'
import { memorySubscriptionStore } from '#shared/streams/memory-subscription-store.ts'
import { StreamText } from '#shared/streams/stream-text.ts'
import { subscribe } from '#shared/streams/subscribe.ts'
import { isProven } from '../../../web/client/proof.ts'
import { createSequencer } from '../../../web/client/sequencer.ts'
import { applyEvent, INITIAL_STATE } from '../../../web/client/stream-reducer.ts'
import { chunk, completed, executionEvents, retrying } from '../../helpers/execution-events.ts'
import { aSubscription, senderTools } from '../../helpers/streams.ts'

const ref = { tenant: 'acme', channel: 'execution:e1' }
const never = new AbortController().signal

/** A stream: words and thoughts, some of them taken back, and a proof at its end; in entries of the log. */
const streams = fc
  .record({
    bodies: fc.array(
      fc.oneof(
        { weight: 6, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).map(chunk) },
        { weight: 1, arbitrary: fc.constant<StreamEventBody>({ type: 'thinking', data: { text: 'hm ' } }) },
        { weight: 1, arbitrary: fc.nat(10).map((back) => retrying(back)) },
      ),
      { minLength: 1, maxLength: 12 },
    ),
    cuts: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 12 }),
  })
  .map(({ bodies, cuts }) => {
    // A retry keeps everything up to some event before it.
    const placed = bodies.map((body, index) =>
      body.type === 'retrying' ? retrying(Math.min(body.data.resumeFrom, index - 1), 2) : body,
    )
    const text = keptText(executionEvents(placed))
    const events = executionEvents([...placed, completed(text, placed.length + 1)])
    return { events, text, entries: entriesOf(events, cuts) }
  })

function keptText(events: ExecutionEvent[]): string {
  const text = new StreamText()
  for (const event of events) text.apply(event)
  return text.text
}

function entriesOf(events: ExecutionEvent[], cuts: number[]): ExecutionEvent[][] {
  const entries: ExecutionEvent[][] = []
  for (let start = 0; start < events.length; ) {
    const size = cuts[entries.length % cuts.length] ?? 1
    entries.push(events.slice(start, start + size))
    start += size
  }
  return entries
}

/** Viewers: whether they take packed events, and behind how many frames their connection breaks, each time it does. */
const viewers = fc.array(
  fc.record({ packed: fc.boolean(), breaks: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }) }),
  { minLength: 1, maxLength: 3 },
)

/** Every call of every port waits until the scheduler lets it go on. */
function scheduled<Port extends object>(scheduler: fc.Scheduler, port: Port, methods: (keyof Port & string)[]): Port {
  const gated = { ...port }
  for (const method of methods) {
    const call = port[method] as (...parameters: unknown[]) => Promise<unknown>
    gated[method] = (async (...parameters: unknown[]) => {
      await scheduler.schedule(Promise.resolve(), method)
      return call(...parameters)
    }) as (typeof port)[typeof method]
  }
  return gated
}

type Followed = { events: ExecutionEvent[]; gaps: number; ended: Promise<void> }

describe('log, sender, cursor and client', () => {
  it('bring every event to every viewer once and in order, whatever happens in between', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), streams, viewers, async (scheduler, { events, text, entries }, people) => {
        const log = memoryStreamLog()
        const sockets = new Map<string, (frame: RealtimeEventFrame) => 'sent' | 'gone'>()
        const dependencies = {
          clock: systemClock,
          log: scheduled(scheduler, log, ['append', 'read']),
          subscriptions: scheduled(scheduler, memorySubscriptionStore(log), ['beginReplay', 'goLive', 'head', 'listLive']),
          poster: {
            async post(connectionId: string, text: string) {
              await scheduler.schedule(Promise.resolve(), 'post')
              const frame = JSON.parse(text)
              if (frame.message_type !== 'realtime_event') return { status: 'sent' as const }
              return { status: sockets.get(connectionId)?.(frame) ?? 'gone' }
            },
            close: async () => undefined,
          },
          ...senderTools(),
        }

        async function write(): Promise<void> {
          const sender = channelSender(dependencies, ref)
          for (const entry of entries) {
            await dependencies.log.append(ref, entry)
            await sender.appended(entry)
          }
          await sender.drain(text, never)
        }

        /** Comes back behind its last event each time the connection breaks. */
        function follow({ packed, breaks }: { packed: boolean; breaks: number[] }): Followed {
          const seen: ExecutionEvent[] = []
          const sequencer = createSequencer<ExecutionEvent>(-1)
          const over = Promise.withResolvers<void>()
          const viewer: Followed = { events: seen, gaps: 0, ended: over.promise }
          async function dial([framesLeft = Number.POSITIVE_INFINITY, ...rest]: number[]): Promise<void> {
            const connectionId = newId()
            let left = framesLeft
            sockets.set(connectionId, ({ payload }) => {
              if (left <= 0) {
                sockets.delete(connectionId)
                void dial(rest)
                return 'gone'
              }
              left -= 1
              const ready = sequencer.accept(payload.events as ExecutionEvent[])
              if (sequencer.hasGap) viewer.gaps += 1
              seen.push(...ready)
              if (ready.some(isTerminalEvent)) over.resolve()
              return 'sent'
            })
            const subscription = aSubscription({ connectionId, packed })
            await subscribe(dependencies, { ref, subscription, after: sequencer.cursor ?? -1, signal: never })
          }
          void dial(breaks)
          return viewer
        }

        const followed = people.map(follow)
        await scheduler.waitFor(Promise.all([write(), ...followed.map(({ ended }) => ended)]))

        for (const [index, { events: seen, gaps }] of followed.entries()) {
          expect(gaps).toBe(0)
          const ranges = seen.flatMap(({ from, sequence }) =>
            Array.from({ length: sequence - (from ?? sequence) + 1 }, (_, place) => (from ?? sequence) + place),
          )
          expect(ranges).toEqual(events.map(({ sequence }) => sequence))
          const state = seen.reduce(applyEvent, INITIAL_STATE)
          // A cut inside a packed event is read again, one by one; nothing else may leave the proof open.
          expect(state.torn === true || (await isProven(state))).toBe(true)
          if (!people[index]?.packed) expect(seen).toEqual(events)
        }
        expect(await isProven(((await log.read(ref, -1)) as ExecutionEvent[]).reduce(applyEvent, INITIAL_STATE))).toBe(true)
      }),
      { numRuns: 300 },
    )
  }, 60_000)
})
