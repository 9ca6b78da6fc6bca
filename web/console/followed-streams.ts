import type { ExecutionStream, FactStream, TopicStream } from '../client/index.ts'

/** Streams that are remembered for the connection drawer; the oldest go first. */
const MOST = 8

export type FollowedStream = ExecutionStream | TopicStream | FactStream

/** What the page follows, the newest first, for those who look at how it comes. */
export interface FollowedStreams {
  readonly streams: readonly FollowedStream[]
  /** Takes the place of an earlier stream of the same name. */
  add(stream: FollowedStream): void
  /** Calls back when a stream was added; returns how to stop. */
  onChange(callback: () => void): () => void
}

/** The id of an execution; a channel as the protocol names it: `topic:questions`, `all`. */
export const nameOf = (stream: FollowedStream): string => ('channel' in stream ? stream.channel : stream.executionId)

export function createFollowedStreams(): FollowedStreams {
  const listeners = new Set<() => void>()
  let streams: readonly FollowedStream[] = []
  return {
    get streams() {
      return streams
    },
    add(stream) {
      const others = streams.filter((other) => nameOf(other) !== nameOf(stream))
      streams = [stream, ...others].slice(0, MOST)
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
