import type { ExecutionStream } from '../client/index.ts'

/** Streams that are remembered for the connection drawer; the oldest go first. */
const MOST = 8

/** What the page follows, the newest first, for those who look at how it comes. */
export interface FollowedStreams {
  readonly streams: readonly ExecutionStream[]
  add(stream: ExecutionStream): void
  /** Calls back when a stream was added; returns how to stop. */
  onChange(callback: () => void): () => void
}

export function createFollowedStreams(): FollowedStreams {
  const listeners = new Set<() => void>()
  let streams: readonly ExecutionStream[] = []
  return {
    get streams() {
      return streams
    },
    add(stream) {
      streams = [stream, ...streams].slice(0, MOST)
      for (const listener of listeners) listener()
    },
    onChange(callback) {
      listeners.add(callback)
      return () => listeners.delete(callback)
    },
  }
}

/** The page's own. */
export const followedStreams = createFollowedStreams()
