import { describe, expect, it } from 'vitest'
import { systemClock } from '#shared/platform/clock.ts'
import type { RealtimeEventFrame } from '#shared/protocol/socket-frame.ts'
import type { ExecutionEvent, StreamEvent } from '#shared/protocol/stream-event.ts'
import { channelSender } from '#shared/streams/channel-sender.ts'
import { memoryConnectionPoster } from '#shared/streams/memory-connection-poster.ts'
import { memoryStreamLog } from '#shared/streams/memory-stream-log.ts'
import { memorySubscriptionStore } from '#shared/streams/memory-subscription-store.ts'
import { subscribe } from '#shared/streams/subscribe.ts'
import { createSequencer } from '../../../web/client/sequencer.ts'
import { forEveryInterleaving, type Gate } from '../../helpers/interleavings.ts'
import { aChunk, aCompletion, aSubscription, senderTools, sequences } from '../../helpers/streams.ts'

const ref = { tenant: 'acme', channel: 'execution:e1' }
const never = new AbortController().signal

/** Four events in two entries, as one writer says them. */
const entriesOf = (writer: string): ExecutionEvent[][] => [
  [aChunk(0, `${writer}0 `), aChunk(1, `${writer}1 `)],
  [aChunk(2, `${writer}2 `), aCompletion(3)],
]

/** Ports whose calls are steps; the calls of the others belong to the step before. */
type Steps = { log: ('append' | 'read')[]; subscriptions: ('goLive' | 'head' | 'listLive')[]; poster: 'post'[] }

function stage(gate: Gate, steps: Steps) {
  const log = memoryStreamLog()
  const cut = new Set<string>()
  const poster = memoryConnectionPoster((connectionId) => ({ status: cut.has(connectionId) ? 'gone' : 'sent' }))
  const dependencies = {
    clock: systemClock,
    log: gate.steps(log, steps.log),
    subscriptions: gate.steps(memorySubscriptionStore(log), steps.subscriptions),
    poster: gate.steps(poster, steps.poster),
    ...senderTools(),
  }

  /** Goes on behind what stands in the log, shows what the writer before may not have posted, and stops where another one has written. */
  async function write(writer: string): Promise<'ended' | 'lost'> {
    const standing = await dependencies.log.read(ref, -1)
    const sender = channelSender(dependencies, ref)
    if (standing.length > 0) await sender.appended(standing)
    for (const events of entriesOf(writer).filter(([first]) => first && first.sequence >= standing.length)) {
      if ((await dependencies.log.append(ref, events)) === 'taken') {
        await sender.halt()
        return 'lost'
      }
      await sender.appended(events)
    }
    await sender.drain('', never)
    return 'ended'
  }

  const follow = (connectionId: string, after: number) =>
    subscribe(dependencies, {
      ref,
      subscription: aSubscription({ connectionId, subscriptionId: `by-${connectionId}` }),
      after,
      signal: never,
    })

  const received = (connectionId: string): StreamEvent[] =>
    poster
      .framesOf(connectionId)
      .filter((frame): frame is RealtimeEventFrame => frame.message_type === 'realtime_event')
      .flatMap((frame) => frame.payload.events)

  return { log, write, follow, received, cut }
}

/** What a client makes of it: repeated events are dropped, and it never has to wait for one that is missing. */
function merged(received: StreamEvent[], after = -1): StreamEvent[] {
  const sequencer = createSequencer<StreamEvent>(after)
  return received.flatMap((event) => {
    const ready = sequencer.accept([event])
    expect(sequencer.hasGap).toBe(false)
    return ready
  })
}

describe('two writers, of whom one is a zombie', () => {
  it('give a subscriber four events, each once and in order, in every interleaving', async () => {
    const outcomes = new Set<string>()
    const runs = await forEveryInterleaving(async (gate) => {
      const { log, write, follow, received } = stage(gate, {
        log: ['append'],
        subscriptions: ['goLive', 'head'],
        poster: ['post'],
      })

      const [first, second] = await Promise.all([write('a'), gate.step(() => undefined).then(() => write('b')), follow('c1', -1)])

      const standing = await log.read(ref, -1)
      expect(sequences(standing)).toEqual([0, 1, 2, 3])
      expect(merged(received('c1'))).toEqual(standing)
      outcomes.add(`${first} ${second}`)
    })

    expect(runs).toBeGreaterThan(1_000)
    // Each of them writes it all, or loses it to the other; both end where the second finds everything written.
    expect(outcomes).toEqual(new Set(['ended lost', 'lost ended', 'ended ended']))
  }, 120_000)

  it('leave no gap when the client is disconnected at any point and comes back with its cursor', async () => {
    const runs = await forEveryInterleaving(async (gate) => {
      const { log, write, follow, received, cut } = stage(gate, {
        log: ['append'],
        subscriptions: ['goLive', 'head'],
        poster: [],
      })
      let before: StreamEvent[] = []
      const disconnect = async (): Promise<void> => {
        await gate.step(() => cut.add('c1'))
        before = merged(received('c1'))
        await follow('c2', before.at(-1)?.sequence ?? -1)
      }

      await Promise.all([write('a'), gate.step(() => undefined).then(() => write('b')), follow('c1', -1), disconnect()])

      const after = merged(received('c2'), before.at(-1)?.sequence ?? -1)
      expect([...before, ...after]).toEqual(await log.read(ref, -1))
    })

    expect(runs).toBeGreaterThan(500)
  }, 120_000)

  it('post to a subscriber whose connection is slow what is next, and nothing else', async () => {
    const runs = await forEveryInterleaving(async (gate) => {
      const { log, write, follow, received } = stage(gate, {
        log: ['append', 'read'],
        subscriptions: ['goLive'],
        poster: ['post'],
      })

      await Promise.all([write('a'), gate.step(() => undefined).then(() => write('b')), follow('c1', -1)])

      expect(merged(received('c1'))).toEqual(await log.read(ref, -1))
    })

    expect(runs).toBeGreaterThan(500)
  }, 120_000)
})
