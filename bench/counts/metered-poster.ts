import { sleep } from '#shared/platform/clock.ts'
import type { ConnectionPoster } from '#shared/streams/connection-poster.ts'
import { socketMessages } from './billing-rules.ts'
import type { Meter } from './meter.ts'

/** What a post takes within a region, in milliseconds: events that come meanwhile leave with the next frame. */
const POST_MS = 10

export type MeteredPoster = ConnectionPoster & {
  /** Posts so far, to all connections. */
  posts(): number
  /** Every frame that was posted to a connection, in order. */
  framesOf(connectionId: string): string[]
}

/** Takes the place of the `@connections` API: 50 open sockets would measure this machine, and change no count. */
export function meteredPoster(meter: Meter): MeteredPoster {
  const frames = new Map<string, string[]>()
  return {
    async post(connectionId, frame) {
      meter.record('API Gateway', 'PostToConnection', { socketMessages: socketMessages(Buffer.byteLength(frame)) })
      frames.set(connectionId, [...(frames.get(connectionId) ?? []), frame])
      await sleep(POST_MS)
      return { status: 'sent' }
    },
    async close(connectionId) {
      throw new Error(`the connection ${connectionId} was given up`)
    },
    posts: () => [...frames.values()].reduce((sum, { length }) => sum + length, 0),
    framesOf: (connectionId) => frames.get(connectionId) ?? [],
  }
}
