import type { ServerFrame } from '#shared/protocol/socket-frame.ts'
import type { ConnectionPoster, PostResult } from './connection-poster.ts'

export type MemoryConnectionPoster = ConnectionPoster & {
  frames: { connectionId: string; frame: ServerFrame }[]
  closed: string[]
  /** Frames of one connection, in order. */
  framesOf(connectionId: string): ServerFrame[]
}

/** @param answer - what a post answers; `sent` when absent. Only sent frames are kept. */
export function memoryConnectionPoster(
  answer: (connectionId: string, post: number) => PostResult | Promise<PostResult> = () => ({ status: 'sent' }),
): MemoryConnectionPoster {
  const frames: MemoryConnectionPoster['frames'] = []
  const closed: string[] = []
  let posts = 0
  return {
    frames,
    closed,
    framesOf: (connectionId) => frames.filter((entry) => entry.connectionId === connectionId).map((entry) => entry.frame),
    async post(connectionId, frame) {
      const result = await answer(connectionId, posts++)
      if (result.status === 'sent') frames.push({ connectionId, frame: JSON.parse(frame) as ServerFrame })
      return result
    },
    async close(connectionId) {
      closed.push(connectionId)
    },
  }
}
