import { describe, expect, it } from 'vitest'
import { systemClock } from '#shared/platform/clock.ts'
import type { RealtimeEventFrame } from '#shared/protocol/socket-frame.ts'
import { channelSender } from '#shared/streams/channel-sender.ts'
import { memoryConnectionPoster } from '#shared/streams/memory-connection-poster.ts'
import { memoryStreamLog } from '#shared/streams/memory-stream-log.ts'
import { memorySubscriptionStore } from '#shared/streams/memory-subscription-store.ts'
import { subscribe } from '#shared/streams/subscribe.ts'
import { forEveryInterleaving, type Gate } from '../../helpers/interleavings.ts'
import { aChunk, aCompletion, aSubscription, senderTools } from '../../helpers/streams.ts'

const ref = { tenant: 'acme', channel: 'execution:e1' }
const never = new AbortController().signal

/** A writer, a client and their stores; the steps of both are interleaved by the gate. */
function stage(gate: Gate, reads: 'are steps' | 'belong to the step before') {
  const log = memoryStreamLog()
  const cut = new Set<string>()
  const poster = memoryConnectionPoster((connectionId) => ({ status: cut.has(connectionId) ? 'gone' : 'sent' }))
  const dependencies = {
    clock: systemClock,
    log: gate.steps(log, reads === 'are steps' ? ['append', 'read'] : ['append']),
    subscriptions: gate.steps(
      memorySubscriptionStore(log),
      reads === 'are steps' ? ['goLive', 'head', 'listLive'] : ['goLive', 'head'],
    ),
    poster: gate.steps(poster, ['post']),
    ...senderTools(),
  }

  async function write(): Promise<void> {
    const sender = channelSender(dependencies, ref)
    for (const event of [aChunk(0), aCompletion(1)]) {
      await dependencies.log.append(ref, [event])
      await sender.appended([event])
    }
    await sender.drain('t0 ', never)
  }

  const follow = (connectionId: string, after: number) =>
    subscribe(dependencies, {
      ref,
      subscription: aSubscription({ connectionId, subscriptionId: `by-${connectionId}` }),
      after,
      signal: never,
    })

  /** Sequences in the order in which a connection got them. */
  const received = (connectionId: string): number[] =>
    poster
      .framesOf(connectionId)
      .filter((frame): frame is RealtimeEventFrame => frame.message_type === 'realtime_event')
      .flatMap((frame) => frame.payload.events.map((event) => event.sequence))

  return { write, follow, received, cut }
}

describe('handover', () => {
  it('gives every event to exactly one sender, in order, in every interleaving of two appends and a handover', async () => {
    const runs = await forEveryInterleaving(async (gate) => {
      const { write, follow, received } = stage(gate, 'are steps')

      await Promise.all([write(), follow('c1', -1)])

      expect(received('c1')).toEqual([0, 1])
    })

    expect(runs).toBeGreaterThan(100)
  })

  it('leaves no gap and repeats nothing behind the cursor when the connection is cut at any point', async () => {
    const runs = await forEveryInterleaving(async (gate) => {
      const { write, follow, received, cut } = stage(gate, 'belong to the step before')
      const cutAndReturn = async (): Promise<void> => {
        await gate.step(() => cut.add('c1'))
        await follow('c2', received('c1').at(-1) ?? -1)
      }

      await Promise.all([write(), follow('c1', -1), cutAndReturn()])

      expect([...received('c1'), ...received('c2')]).toEqual([0, 1])
    })

    expect(runs).toBeGreaterThan(1_000)
  }, 120_000)
})
