import type { Head } from './subscription-store.ts'

/**
 * Longest time without a look at the head, in milliseconds: with the time of a read, a cancel reaches a silent writer within a second. Longer
 * than the usual windows of a writer, which looks with every flush.
 */
export const SILENCE_MS = 600

/** Waits for somebody who wants a writer to stop. */
export type CancelWatch = {
  /** To be called with every head that was read. */
  saw(head: Head): void
  stop(): void
}

/**
 * Calls back once when a head shows that the writer is to stop. Heads that are read anyway cost nothing; in silence one is read for the
 * purpose. A read that fails is made up for by the next one.
 */
export function cancelWatch(read: () => Promise<Head>, onCancel: () => void): CancelWatch {
  let stopped = false
  const timer = setTimeout(() => void poll(), SILENCE_MS)
  const goOn = (): void => {
    if (!stopped) timer.refresh()
  }
  const stop = (): void => {
    stopped = true
    clearTimeout(timer)
  }
  const saw = ({ cancelRequested }: Head): void => {
    if (!cancelRequested) goOn()
    else if (!stopped) {
      stop()
      onCancel()
    }
  }
  const poll = (): Promise<void> => read().then(saw, goOn)
  return { saw, stop }
}
