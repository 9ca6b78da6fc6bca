import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { systemClock } from '#shared/platform/clock.ts'
import type { ExecutionEvent, StreamEvent } from '#shared/protocol/stream-event.ts'
import { channelSender } from '#shared/streams/channel-sender.ts'
import type { PostResult } from '#shared/streams/connection-poster.ts'
import { memoryConnectionPoster } from '#shared/streams/memory-connection-poster.ts'
import { memoryStreamLog } from '#shared/streams/memory-stream-log.ts'
import { memorySubscriptionStore } from '#shared/streams/memory-subscription-store.ts'
import { sendShard } from '#shared/streams/send-shard.ts'
import { topicPublisher } from '#shared/streams/topic-publisher.ts'
import { forEveryCrash } from '../../helpers/crashes.ts'
import { forEveryInterleaving, type Gate } from '../../helpers/interleavings.ts'
import { aChunk, aCompletion, anEnvelope, aSubscription, senderTools } from '../../helpers/streams.ts'

const ref = { tenant: 'acme', channel: 'execution:e1' }
const shard = { ...ref, shard: 1 }
const topic = { tenant: 'acme', channel: 'topic:questions' }
const never = new AbortController().signal
const noGate: Gate = { steps: (port) => port, step: async (make) => make() }

/** A channel whose viewers are in a shard; whoever is told to send does so at once, in a function of its own. */
function stage(gate: Gate = noGate, answer: (connectionId: string) => PostResult = () => ({ status: 'sent' })) {
  let offset = 0
  const clock = { now: () => systemClock.now() + offset }
  const log = memoryStreamLog()
  const memory = memorySubscriptionStore(log, clock)
  const poster = memoryConnectionPoster(answer)
  const tools = senderTools(clock)
  const dependencies = {
    log: gate.steps(log, ['append', 'read']),
    subscriptions: gate.steps(memory, ['goLive', 'head', 'listLive', 'takeSender', 'releaseSender']),
    poster,
    ...tools,
    clock,
  }
  const running: Promise<void>[] = []
  tools.connectionTasks.send = async (tasks) => {
    for (const task of tasks) if (task.task === 'send') running.push(sendShard(dependencies, { ...task }))
  }
  /** Hands over behind `cursor`, and again behind what stands there by then. */
  async function follow(connectionId: string, place: typeof shard = shard): Promise<void> {
    const subscription = aSubscription({ connectionId, subscriptionId: `by-${connectionId}` })
    await memory.beginReplay(place, subscription)
    for (let cursor = -1; (await dependencies.subscriptions.goLive(place, subscription, cursor)) === 'behind'; cursor++) {
      await poster.post(connectionId, JSON.stringify(frameOf(await log.read(place, cursor, 1))))
    }
  }
  const frameOf = (events: StreamEvent[]) => ({ message_type: 'realtime_event', payload: { events } })

  async function write(events: ExecutionEvent[]): Promise<void> {
    const sender = channelSender(dependencies, ref)
    for (const event of events) {
      await dependencies.log.append(ref, [event])
      await sender.appended([event])
    }
    await sender.drain('', never)
  }
  /** What a connection got, in its order; `as a client` drops what came twice. */
  function received(connectionId: string, how?: 'as a client'): number[] {
    const all = poster
      .framesOf(connectionId)
      .flatMap((frame) => (frame.message_type === 'realtime_event' ? frame.payload.events : []))
      .map((event) => event.sequence)
    return how ? all.filter((sequence, index) => all.slice(0, index).every((before) => before < sequence)) : all
  }
  async function settled(): Promise<void> {
    for (let seen = 0; seen < running.length; seen++) await running[seen]
  }
  const pass = (milliseconds: number): void => {
    offset += milliseconds
  }
  return { dependencies, memory, log, poster, tools, follow, write, received, settled, pass }
}

describe('sendShard', () => {
  it('shows an execution to the viewers of a shard, to its end and with what they are owed', async () => {
    const { follow, write, received, settled, memory, poster } = stage()
    await follow('c1')
    const asker = aSubscription({ connectionId: 'asker', answer: { responseTo: 'frame-1' } })
    await memory.beginReplay(shard, asker)
    await memory.goLive(shard, asker, -1)

    await write([aChunk(0, 'A '), aChunk(1, 'gate.'), aCompletion(2)])
    await settled()

    expect(received('c1')).toEqual([0, 1, 2])
    expect(received('asker')).toEqual([0, 1, 2])
    expect(poster.framesOf('asker').at(-1)).toMatchObject({
      message_type: 'agent_response',
      response_to: 'frame-1',
      payload: { output: { text: 'A gate.' } },
    })
  })

  it('gives a shard up once everybody has left it', async () => {
    const { follow, write, settled, memory } = stage(noGate, () => ({ status: 'gone' }))
    await follow('c1')

    await write([aChunk(0)])
    await settled()
    expect(await memory.listLive(shard, true)).toEqual([])
    await write([aChunk(1)])
    await settled()

    expect((await memory.head(ref)).shards).toBe(0)
  })

  it('sends a task for the rest when its time is up', async () => {
    const { dependencies, follow, log, received, tools, pass } = stage(noGate, () => {
      pass(3_000)
      return { status: 'sent' }
    })
    await follow('c1')
    for (let sequence = 0; sequence < 200; sequence++) await log.append(ref, [aChunk(sequence)])
    const tasks: unknown[] = []
    tools.connectionTasks.send = async (more) => void tasks.push(...more)

    await sendShard(dependencies, shard)
    expect(tasks).toEqual([{ task: 'send', ...ref, shard: 1 }])
    expect(received('c1').length).toBeLessThan(200)
    await sendShard(dependencies, shard)

    expect(received('c1')).toEqual(Array.from({ length: 200 }, (_, index) => index))
  })

  it('comes again soon after a failure, a few times: the queue itself is slow to bring it back', async () => {
    const { dependencies, follow, log, memory, tools } = stage()
    await follow('c1')
    await log.append(ref, [aChunk(0)])
    memory.listLive = () => Promise.reject(new Error('the table throttles'))
    const broken = { ...dependencies, subscriptions: memory }
    const tasks: unknown[] = []
    tools.connectionTasks.send = async (more, delaySeconds) => void tasks.push([...more, delaySeconds])

    await expect(sendShard(broken, shard)).rejects.toThrow('the table throttles')
    await expect(sendShard(broken, { ...shard, tries: 3 })).rejects.toThrow('the table throttles')

    expect(tasks).toEqual([[{ task: 'send', ...shard, tries: 2 }, 1]])
  })

  it('shows a message of a topic to every shard', async () => {
    const { dependencies, memory, received, settled } = stage()
    for (const [connectionId, place] of [
      ['main', topic],
      ['first', { ...topic, shard: 1 }],
      ['second', { ...topic, shard: 2 }],
    ] as const) {
      const subscription = aSubscription({ connectionId })
      await memory.beginReplay(place, subscription)
      await memory.goLive(place, subscription, -1)
    }

    await topicPublisher(dependencies).publish('acme', { ...anEnvelope({ id: 'a' }), topic: 'questions' })
    await settled()

    expect(['main', 'first', 'second'].map((connectionId) => received(connectionId))).toEqual([[0], [0], [0]])
  })

  it('gives every event once, in order, in every interleaving of two appends, their tasks and a handover', async () => {
    const runs = await forEveryInterleaving(async (gate) => {
      const { follow, write, received, settled } = stage(gate)

      await Promise.all([write([aChunk(0), aCompletion(1)]), follow('c1')])
      await settled()

      expect(received('c1')).toEqual([0, 1])
    })

    expect(runs).toBeGreaterThan(100)
  }, 120_000)

  it('gives every event once, in order, in every interleaving of tasks that come twice', async () => {
    const runs = await forEveryInterleaving(async (gate) => {
      const { dependencies, follow, log, received } = stage(gate)
      const following = follow('c1')
      await log.append(ref, [aChunk(0)])
      await Promise.all([following, sendShard(dependencies, shard), sendShard(dependencies, shard)])
      await log.append(ref, [aCompletion(1)])

      await Promise.all([sendShard(dependencies, shard), sendShard(dependencies, shard)])

      expect(received('c1')).toEqual([0, 1])
    })

    expect(runs).toBeGreaterThan(100)
  }, 120_000)

  it('loses nothing when a sender dies at any step: the task comes again once its role has run out', async () => {
    const crashes = await forEveryCrash(async (crasher) => {
      const { dependencies, follow, log, received, pass } = stage()
      await follow('c1')
      await follow('c2')
      for (let sequence = 0; sequence < 3; sequence++) await log.append(ref, [aChunk(sequence)])
      const fragile = {
        ...dependencies,
        log: crasher.steps(dependencies.log, ['read']),
        subscriptions: crasher.steps(dependencies.subscriptions, ['takeSender', 'listLive', 'releaseSender', 'yieldSender']),
        poster: crasher.steps(dependencies.poster, ['post']),
      }

      await crasher.run(() => sendShard(fragile, shard))
      pass(31_000)
      await log.append(ref, [aCompletion(3)])
      await sendShard(dependencies, shard)

      for (const connectionId of ['c1', 'c2']) expect(received(connectionId, 'as a client')).toEqual([0, 1, 2, 3])
    })

    expect(crashes).toBeGreaterThan(5)
  })

  it('gives every event to every viewer whatever comes between', async () => {
    const step = fc.constantFrom('append', 'task', 'two tasks', 'crash', 'newcomer', 'lease runs out')
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
        const { dependencies, follow, log, received, pass } = stage()
        const viewers = ['c0']
        await follow('c0')
        let last = -1
        // Whoever dies has the role, and gives it to nobody.
        const die = () => {
          const now = dependencies.clock.now()
          return dependencies.subscriptions.takeSender(shard, 'dead', { now, until: now + 30_000 })
        }
        for (const taken of steps) {
          if (taken === 'append') await log.append(ref, [aChunk(++last)])
          if (taken === 'task') await sendShard(dependencies, shard)
          if (taken === 'two tasks') await Promise.all([sendShard(dependencies, shard), sendShard(dependencies, shard)])
          if (taken === 'crash') await die()
          if (taken === 'lease runs out') pass(31_000)
          if (taken === 'newcomer') {
            viewers.push(`c${viewers.length}`)
            await follow(`c${viewers.length - 1}`)
          }
        }
        pass(31_000)
        await log.append(ref, [aCompletion(++last)])
        await sendShard(dependencies, shard)

        const whole = Array.from({ length: last + 1 }, (_, index) => index)
        for (const viewer of viewers) expect(received(viewer)).toEqual(whole)
      }),
      { numRuns: 200 },
    )
  })
})
