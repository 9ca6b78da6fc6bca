import { newId } from '#shared/platform/ids.ts'
import type { ServerFrame } from '#shared/protocol/socket-frame.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { isTerminalEvent } from '#shared/protocol/terminal-events.ts'
import type { ChannelRef } from '#shared/streams/channel-ref.ts'
import type { ConnectionPoster, PostResult } from '#shared/streams/connection-poster.ts'
import { type SubscribeDependencies, subscribe } from '#shared/streams/subscribe.ts'
import type { Random } from '../../../bench/random.ts'
import type { FaultLog } from './fault-log.ts'

export type PostFaults = { throttled: number; failed: number; gone: number }

/** Sockets that answer as API Gateway does: mostly well, sometimes 429, 500, 410. */
export type SimulatedSockets = ConnectionPoster & {
  open(onFrame: (frame: ServerFrame) => void, onClose: () => void): string
}

export function simulatedSockets(random: Random, log: FaultLog, faults: PostFaults): SimulatedSockets {
  const sockets = new Map<string, { onFrame(frame: ServerFrame): void; onClose(): void }>()
  const close = (connectionId: string): void => {
    const socket = sockets.get(connectionId)
    sockets.delete(connectionId)
    socket?.onClose()
  }
  return {
    open(onFrame, onClose) {
      const connectionId = newId()
      sockets.set(connectionId, { onFrame, onClose })
      return connectionId
    },
    async post(connectionId, frame): Promise<PostResult> {
      const socket = sockets.get(connectionId)
      if (!socket) return { status: 'gone' }
      if (random.chance(faults.throttled)) {
        log.add('post_429')
        return { status: 'throttled' }
      }
      if (random.chance(faults.failed)) {
        log.add('post_500')
        return { status: 'failed', error: new Error('injected: 500') }
      }
      if (random.chance(faults.gone)) {
        log.add('post_410')
        close(connectionId)
        return { status: 'gone' }
      }
      socket.onFrame(JSON.parse(frame))
      return { status: 'sent' }
    },
    async close(connectionId) {
      close(connectionId)
    },
  }
}

/** A browser that follows one channel: it applies each sequence once, and comes back with its cursor when its socket closes. */
export type Viewer = { ref: ChannelRef; events: StreamEvent[]; gaps: number; ended(): boolean }

export function follow(dependencies: SubscribeDependencies & { poster: SimulatedSockets }, ref: ChannelRef): Viewer {
  const viewer: Viewer = { ref, events: [], gaps: 0, ended: () => viewer.events.some(isTerminalEvent) }

  function receive(frame: ServerFrame, subscriptionId: string): void {
    if (frame.message_type !== 'realtime_event' || frame.payload.subscription !== subscriptionId) return
    for (const event of frame.payload.events) {
      const last = viewer.events.at(-1)?.sequence ?? -1
      if (event.sequence <= last) continue
      if (event.sequence > last + 1) viewer.gaps += 1
      viewer.events.push(event)
    }
  }

  async function dial(): Promise<void> {
    const subscriptionId = newId()
    const connectionId = dependencies.poster.open(
      (frame) => receive(frame, subscriptionId),
      () => {
        if (!viewer.ended()) setImmediate(() => void dial())
      },
    )
    const after = viewer.events.at(-1)?.sequence ?? -1
    const signal = AbortSignal.timeout(60_000)
    const result = await subscribe(dependencies, {
      ref,
      subscription: { connectionId, subscriptionId, until: Number.MAX_SAFE_INTEGER },
      after,
      signal,
    })
    if (result === 'behind') await dial()
  }

  void dial()
  return viewer
}
