import type { Clock } from '#shared/platform/clock.ts'
import { type FollowRequest, followStream } from '#shared/streams/follow-stream.ts'
import type { StreamLog } from '#shared/streams/stream-log.ts'
import type { EventWriter } from './event-writer.ts'

/**
 * Longest time that one answer follows a stream, in milliseconds. Lambda does not tell a function that its caller has gone away: this is how long
 * it may go on for nobody.
 */
const LONGEST_TAIL_MS = 5 * 60_000

/** Aborts with `signal`, and when an answer has followed a stream for long enough. */
export const tailSignal = (signal: AbortSignal): AbortSignal => AbortSignal.any([signal, AbortSignal.timeout(LONGEST_TAIL_MS)])

/** Follows a stream until its terminal event, or until the time is up; then the caller is told to come back with its cursor. */
export async function tailStream(
  { streamLog, clock }: { streamLog: StreamLog; clock: Clock },
  writer: EventWriter,
  { ref, ended, signal }: Omit<FollowRequest, 'after'>,
): Promise<void> {
  const timeIsUp = tailSignal(signal)
  const request = { ref, after: writer.cursor(), ended, signal: timeIsUp }
  for await (const events of followStream({ log: streamLog, clock }, request)) await writer.write(events)
  if (timeIsUp.aborted) writer.reconnect()
}
