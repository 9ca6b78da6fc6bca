import type { ChannelSender } from '#shared/streams/channel-sender.ts'
import { RunStoppedError, type StopKind } from './run-stopped-error.ts'

/** Stops a run for one reason: the first. */
export type StopSwitch = {
  /** Aborts with a RunStoppedError. */
  signal: AbortSignal
  stop(kind: StopKind): void
  /** Ends the timers and the look-out for a cancel. */
  clear(): void
}

const MESSAGES: Record<StopKind, string> = {
  timed_out: 'the execution took longer than it may',
  cancelled: 'cancelled on request',
  out_of_time: 'the answer took longer than one invocation',
  handed_over: 'the execution goes on in another invocation',
  suspended: 'the execution waits and goes on later',
}

/** Longest time of a timer, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1

/** @param times - milliseconds from now: until the execution must have ended, and until this invocation has to let go of it */
export function stopSwitch(sender: ChannelSender, times: { timeoutMs: number; invocationMs: number }): StopSwitch {
  const controller = new AbortController()
  const stop = (kind: StopKind): void => controller.abort(new RunStoppedError(kind, MESSAGES[kind]))
  const after = (milliseconds: number, kind: StopKind) =>
    setTimeout(() => stop(kind), Math.max(0, Math.min(milliseconds, LONGEST_TIMER)))
  const timers = [after(times.timeoutMs, 'timed_out'), after(times.invocationMs, 'out_of_time')]
  const unwatch = sender.onCancelRequested(() => stop('cancelled'))
  return {
    signal: controller.signal,
    stop,
    clear() {
      for (const timer of timers) clearTimeout(timer)
      unwatch()
    },
  }
}
