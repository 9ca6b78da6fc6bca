import { derivedId } from '#shared/platform/ids.ts'

/**
 * Numbers what an execution does to the world outside, in the order of the calls: each message and each turn of a conversation is known by
 * the execution and its number, so an attempt that is made again in the same order does nothing twice.
 */
export type Effects = {
  /** How many there were; goes into checkpoints. */
  readonly count: number
  /** Does the next one. It is remembered until it is done, whether or not the agent's code waits for it. */
  begin<Result>(effect: (place: string) => Promise<Result>): Promise<Result>
  /** Waits for all of them. @throws the first failure */
  settle(): Promise<void>
}

/** Digits of a place: places sort as texts. */
const DIGITS = 8

/**
 * @param done - effects before the checkpoint that the attempt goes on from
 * @param signal - begins nothing any more once it has aborted
 */
export function trackEffects(done: number, signal: AbortSignal): Effects {
  let count = done
  const begun: Promise<unknown>[] = []
  return {
    get count() {
      return count
    },
    begin(effect) {
      const begin = async () => {
        signal.throwIfAborted()
        return effect(String(count++).padStart(DIGITS, '0'))
      }
      const running = begin()
      // Its failure is told when all are settled, also to code that did not wait for it.
      running.catch(() => undefined)
      begun.push(running)
      return running
    },
    async settle() {
      const results = await Promise.allSettled(begun)
      for (const result of results) if (result.status === 'rejected') throw result.reason
    },
  }
}

/** Id of a message that an execution sends. */
export const sentMessageId = (executionId: string, place: string): string => derivedId('sent', executionId, place)
