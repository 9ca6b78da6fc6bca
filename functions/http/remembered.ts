import type { Clock } from '#shared/platform/clock.ts'

/** Asks when somebody wants to know, and not again while the answer is fresh. @param maxAge - in milliseconds */
export function remembered<Result>(ask: () => Promise<Result>, clock: Clock, maxAge: number): () => Promise<Result> {
  let last: { askedAt: number; answer: Promise<Result> } | undefined
  return () => {
    if (!last || clock.now() - last.askedAt >= maxAge) last = { askedAt: clock.now(), answer: ask() }
    return last.answer
  }
}
