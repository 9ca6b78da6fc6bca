import type { Clock } from '#shared/platform/clock.ts'
import type { CallbackBudgetStore, CallbackPressure } from './callback-budget-store.ts'

/** Most steps: with them every pause is sixteen times as long, as far as the longest one allows. */
export const MAX_STEPS = 4
/** A step of pressure passes in so many milliseconds. */
export const STEP_MS = 10_000
/** What other containers know is read this often at the most, in milliseconds. */
export const READ_EVERY_MS = 2_000
/** However many answers of 429 there are, in however many containers: one step more in so many milliseconds. */
export const RAISE_EVERY_MS = 1_000

/**
 * The limit of posts is one for the whole account (API Gateway, quotas: requests per second of `@connections`), so a writer that meets it slows
 * down every other one. One for each container. Nothing here waits or throws: what is known may be {@link READ_EVERY_MS} old.
 */
export type CallbackBudget = {
  /** Steps of pressure now. To be asked only by those who have somebody to post to: it keeps itself up to date then. */
  pressure(): number
  /** A post was answered with 429. */
  throttled(): void
}

const NONE: CallbackPressure = { steps: 0, at: 0 }

/** The knowledge of one container, over what all of them know. */
export function callbackBudget(store: CallbackBudgetStore, clock: Clock): CallbackBudget {
  let known = NONE
  let readAt = Number.NEGATIVE_INFINITY
  let raisedAt = Number.NEGATIVE_INFINITY
  const steps = ({ steps, at }: CallbackPressure): number => Math.max(0, steps - Math.max(0, clock.now() - at) / STEP_MS)
  const raised = (pressure: CallbackPressure): CallbackPressure => ({
    steps: Math.min(MAX_STEPS, steps(pressure) + 1),
    at: clock.now(),
  })
  const learn = (theirs = NONE): void => {
    if (steps(theirs) > steps(known)) known = theirs
  }

  async function raise(): Promise<void> {
    const before = await store.read()
    learn(before)
    if (before && clock.now() - before.at < RAISE_EVERY_MS) return
    await store.replace(before, raised(before ?? NONE))
  }

  return {
    pressure() {
      if (clock.now() - readAt >= READ_EVERY_MS) {
        readAt = clock.now()
        // Whatever goes wrong, the next look makes up for it.
        void store.read().then(learn, () => undefined)
      }
      return steps(known)
    },
    throttled() {
      if (clock.now() - raisedAt < RAISE_EVERY_MS) return
      raisedAt = clock.now()
      known = raised(known)
      void raise().catch(() => undefined)
    },
  }
}
