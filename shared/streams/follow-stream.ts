import { sleep } from '#shared/platform/clock.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { isTerminalEvent } from '#shared/protocol/terminal-events.ts'
import type { ChannelRef } from './channel-ref.ts'
import type { StreamLog } from './stream-log.ts'

/** Pause between two looks at the log while events come, in milliseconds: less than a writer's window. */
const SHORTEST_PAUSE = 100
/** After so many milliseconds without an event the pause begins to grow: an answer in progress is never that quiet. */
const PATIENCE = 1_000
const PAUSE_GROWTH = 1.5
/** The longest pause, in milliseconds: a look a second is what a silent viewer costs. */
const LONGEST_PAUSE = 1_000
/** Events of one read. */
const PAGE = 200

export type FollowRequest = {
  ref: ChannelRef
  /** Cursor of the reader. */
  after: number
  /** The terminal event stands in the log already: there is nothing to wait for behind its end. */
  ended: boolean
  /** After so many milliseconds without an event an empty batch is given, for a sign of life. */
  quietMs: number
  /** Ends the following without an error. */
  signal: AbortSignal
}

/**
 * The events of a channel behind a cursor, as they come: first what the log holds, then what is appended, in order and without a gap.
 * Ends after the terminal event. The log is polled, so a follower needs no subscription and no writer knows of it.
 */
export async function* followStream(
  log: StreamLog,
  { ref, after, ended, quietMs, signal }: FollowRequest,
): AsyncGenerator<StreamEvent[], void, undefined> {
  let cursor = after
  let pause = SHORTEST_PAUSE
  let idle = 0
  let quiet = 0
  while (!signal.aborted) {
    const events = await log.read(ref, cursor, PAGE)
    const last = events.at(-1)
    if (last) {
      yield events
      if (isTerminalEvent(last)) return
      cursor = last.sequence
      idle = 0
      quiet = 0
      pause = SHORTEST_PAUSE
      // A full page has more behind it.
      if (events.length >= PAGE) continue
    } else if (ended) return

    await sleep(pause, signal).catch(ignoreAbort)
    idle += pause
    quiet += pause
    if (idle >= PATIENCE) pause = Math.min(pause * PAUSE_GROWTH, LONGEST_PAUSE)
    if (quiet >= quietMs && !signal.aborted) {
      yield []
      quiet = 0
    }
  }
}

/** The loop's condition ends the following. */
const ignoreAbort = (): void => undefined
