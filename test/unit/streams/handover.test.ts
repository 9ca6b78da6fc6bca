import { beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { systemClock } from '#shared/platform/clock.ts'
import { serverFrameSchema } from '#shared/protocol/socket-frame.ts'
import type { ExecutionEvent } from '#shared/protocol/stream-event.ts'
import { channelSender } from '#shared/streams/channel-sender.ts'
import { memoryConnectionPoster } from '#shared/streams/memory-connection-poster.ts'
import { memoryStreamLog } from '#shared/streams/memory-stream-log.ts'
import { memorySubscriptionStore } from '#shared/streams/memory-subscription-store.ts'
import type { StreamLog } from '#shared/streams/stream-log.ts'
import { subscribe } from '#shared/streams/subscribe.ts'
import type { Subscription, SubscriptionStore } from '#shared/streams/subscription-store.ts'
import type { SubscriptionView } from '#shared/streams/subscription-view.ts'
import { aRetry } from '../../helpers/execution-streams.ts'
import { forEveryInterleaving, type Gate } from '../../helpers/interleavings.ts'
import { aChunk, aCompletion, aSubscription, senderTools } from '../../helpers/streams.ts'

const ref = { tenant: 'acme', channel: 'execution:e1' }
const never = new AbortController().signal

const graphql: SubscriptionView = {
  kind: 'graphql',
  id: 'op',
  key: 'stream',
  fields: [
    ['sequence', 'sequence'],
    ['finalResponse', 'finalResponse'],
  ],
}

type Steps = { stores: (keyof SubscriptionStore)[]; log: (keyof StreamLog)[] }

/** Whatever two tasks can do to each other. */
const EVERY_STEP: Steps = { stores: ['goLive', 'head', 'listLive'], log: ['append', 'read'] }
/** Looks belong to the appends before them as well. */
const HANDOVERS: Steps = { stores: ['goLive'], log: ['append'] }
/** Reads belong to the step before them. */
const WRITES_AND_LOOKS: Steps = { stores: ['goLive', 'head'], log: ['append'] }

/** Writers, clients and their stores; the steps of all are interleaved by the gate. */
function stage(gate: Gate, steps: Steps) {
  const log = memoryStreamLog()
  const cut = new Set<string>()
  const poster = memoryConnectionPoster((connectionId) => ({ status: cut.has(connectionId) ? 'gone' : 'sent' }))
  const dependencies = {
    clock: systemClock,
    log: gate.steps(log, steps.log),
    subscriptions: gate.steps(memorySubscriptionStore(log), steps.stores),
    poster: gate.steps(poster, ['post']),
    ...senderTools(),
  }

  /** Writes until it finds that another one does. */
  async function write(events: ExecutionEvent[]): Promise<void> {
    const sender = channelSender(dependencies, ref)
    for (const event of events) {
      if ((await dependencies.log.append(ref, [event])) === 'taken') return
      await sender.appended([event])
    }
    await sender.drain('t0 ', never)
  }

  /** Takes the stream over, wherever the writer before stands, which knows nothing of it and writes on. */
  async function takeOver(): Promise<void> {
    for (;;) {
      const end = await log.lastSequence(ref)
      const sender = channelSender(dependencies, ref)
      if ((await dependencies.log.append(ref, [aRetry(end + 1, -1)])) === 'taken') continue
      await sender.appended([aRetry(end + 1, -1)])
      await dependencies.log.append(ref, [aCompletion(end + 2)])
      await sender.appended([aCompletion(end + 2)])
      return sender.drain('', never)
    }
  }

  const follow = (connectionId: string, after: number, options: Partial<Subscription> = {}) =>
    subscribe(dependencies, {
      ref,
      subscription: aSubscription({ connectionId, subscriptionId: `by-${connectionId}`, ...options }),
      after,
      signal: never,
    })

  /** First and last sequence of what a connection got, in the order in which it did. */
  const received = (connectionId: string): [from: number, to: number][] =>
    poster.framesOf(connectionId).flatMap((frame) => rangesOf(frame))

  return { log, write, takeOver, follow, received, cut, frames: poster.framesOf }
}

const nextSchema = z.object({
  type: z.literal('next'),
  payload: z.object({ data: z.object({ stream: z.looseObject({ sequence: z.int() }) }) }),
})

/** What a frame of any view covers. */
function rangesOf(frame: unknown): [from: number, to: number][] {
  const next = nextSchema.safeParse(frame)
  if (next.success) return [[next.data.payload.data.stream.sequence, next.data.payload.data.stream.sequence]]
  const ours = serverFrameSchema.safeParse(frame)
  if (ours.data?.message_type !== 'realtime_event') return []
  return ours.data.payload.events.map((event) => [('from' in event ? event.from : undefined) ?? event.sequence, event.sequence])
}

describe('handover', () => {
  beforeAll(async () => {
    // Loading it is no step that anybody could take.
    await import('#shared/streams/view-frame.ts')
  })

  it.each<[string, Partial<Subscription>]>([
    ['frames of the protocol', {}],
    ['packed events', { packed: true }],
    ['a view', { view: graphql }],
  ])(
    'gives every event to exactly one sender, in order, in every interleaving of two appends and a handover, with %s',
    async (_, options) => {
      const runs = await forEveryInterleaving(async (gate) => {
        const { write, follow, received, frames } = stage(gate, EVERY_STEP)

        await Promise.all([write([aChunk(0), aCompletion(1)]), follow('c1', -1, options)])

        expect(received('c1')).toEqual([
          [0, 0],
          [1, 1],
        ])
        if (options.view) expect(frames('c1').at(-1)).toEqual({ id: 'op', type: 'complete' })
      })

      expect(runs).toBeGreaterThan(100)
    },
    60_000,
  )

  it('leaves no gap and repeats nothing behind the cursor when the connection is cut at any point', async () => {
    const runs = await forEveryInterleaving(async (gate) => {
      const { write, follow, received, cut } = stage(gate, WRITES_AND_LOOKS)
      const cutAndReturn = async (): Promise<void> => {
        await gate.step(() => cut.add('c1'))
        await follow('c2', received('c1').at(-1)?.[1] ?? -1)
      }

      await Promise.all([write([aChunk(0), aCompletion(1)]), follow('c1', -1), cutAndReturn()])

      expect([...received('c1'), ...received('c2')]).toEqual([
        [0, 0],
        [1, 1],
      ])
    })

    expect(runs).toBeGreaterThan(1_000)
  }, 120_000)

  it.each<[string, Partial<Subscription>, ExecutionEvent[], Steps]>([
    ['frames of the protocol', {}, [aChunk(0), aChunk(1)], HANDOVERS],
    ['packed events', { packed: true }, [aChunk(0), aChunk(1)], HANDOVERS],
    ['a view', { view: graphql }, [aChunk(0), aChunk(1)], HANDOVERS],
    ['packed events, and late looks', { packed: true }, [aChunk(0)], WRITES_AND_LOOKS],
  ])(
    'skips nothing in every interleaving of a writer, one that takes its stream over, and a handover, with %s',
    async (_, options, events, steps) => {
      const runs = await forEveryInterleaving(async (gate) => {
        const { log, write, takeOver, follow, received } = stage(gate, steps)

        await Promise.all([write(events), takeOver(), follow('c1', -1, options)])

        // A sender that knows nothing of the one before repeats what that one may not have posted.
        let cursor = -1
        for (const [from, to] of received('c1')) {
          expect(from).toBeLessThanOrEqual(cursor + 1)
          cursor = Math.max(cursor, to)
        }
        expect(cursor).toBe(await log.lastSequence(ref))
      })

      expect(runs).toBeGreaterThan(1_000)
    },
    120_000,
  )
})
