import { type Clock, sleep } from '#shared/platform/clock.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { isTerminalEvent } from '#shared/protocol/terminal-events.ts'
import type { ChannelRef } from './channel-ref.ts'
import type { StreamLog } from './stream-log.ts'

/** Shortest pause between two looks at the log, in milliseconds: less than a writer's window. */
const SHORTEST_PAUSE = 100
/** Longest one: a look every two seconds is what a viewer of a silent channel costs. */
const LONGEST_PAUSE = 2_000
/** Batches that are not further apart than this come in a rhythm, in milliseconds: a writer flushes window by window. */
const LONGEST_BEAT = 1_000
/** Part of a beat that a follower sleeps through: the next batch is hardly ever sooner, and a look just behind it makes up for drift. */
const ASLEEP = 0.9
/** Part of a silence by which its end may be seen later. */
const TOLERANCE = 1 / 8
/** Events of one read. */
const PAGE = 200

export type FollowDependencies = { log: Pick<StreamLog, 'read' | 'lastSequence'>; clock: Clock }

export type FollowRequest = {
  ref: ChannelRef
  /** Cursor of the reader. */
  after: number
  /** The terminal event stands in the log already: there is nothing to wait for behind its end. */
  ended: boolean
  /** Ends the following without an error. */
  signal: AbortSignal
}

/**
 * The events of a channel behind a cursor, as they come: first what the log holds, then what is appended, in order and without a gap.
 * Ends after the terminal event. The log is polled, so a follower needs no subscription and no writer knows of it; and since replay and
 * live are the same reads, nothing can be lost between them.
 */
export async function* followStream(
  { log, clock }: FollowDependencies,
  { ref, after, ended, signal }: FollowRequest,
): AsyncGenerator<StreamEvent[], void, undefined> {
  let cursor = after
  // A caller's cursor may stand anywhere.
  let betweenEntries = false
  let lastSeen = clock.now()
  while (!signal.aborted) {
    const events = await log.read(ref, cursor, PAGE, betweenEntries)
    const last = events.at(-1)
    const quiet = clock.now() - lastSeen
    let pause = pauseAfterSilence(quiet)
    if (last) {
      yield events
      if (isTerminalEvent(last)) return
      cursor = last.sequence
      lastSeen += quiet
      pause = pauseAfterBeat(quiet)
      betweenEntries = events.length < PAGE
      // A full page has more behind it.
      if (!betweenEntries) continue
    } else if (ended) return
    else betweenEntries ||= (await log.lastSequence(ref)) === cursor
    await sleep(pause, signal).catch(ignoreAbort)
  }
}

/** The next look comes just before the batch that the rhythm lets expect. */
const pauseAfterBeat = (beat: number): number => (beat > LONGEST_BEAT ? SHORTEST_PAUSE : Math.max(SHORTEST_PAUSE, beat * ASLEEP))

/** The longer nothing came, the less a while more matters. */
const pauseAfterSilence = (silence: number): number => Math.min(LONGEST_PAUSE, Math.max(SHORTEST_PAUSE, silence * TOLERANCE))

/** The loop's condition ends the following. */
const ignoreAbort = (): void => undefined
