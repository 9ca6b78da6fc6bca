import { type Clock, MINUTE_MS } from '#shared/platform/clock.ts'
import { SecretNotFoundError } from '#shared/platform/secret-not-found-error.ts'
import type { ModelChoice } from '#shared/protocol/llm.ts'
import type { KeyedOpener } from './keyed-opener.ts'

/**
 * Finds out whether models have keys, by opening them. A malformed secret counts as a key: its error shows when it is used. Answers are kept for a
 * minute, because no other cache remembers that a secret is missing.
 */
export function keyFinder(openKeyed: KeyedOpener, clock: Clock): (choice: ModelChoice) => Promise<boolean> {
  const found = new Map<string, { at: number; answer: Promise<boolean> }>()

  async function look(choice: ModelChoice): Promise<boolean> {
    try {
      await openKeyed(choice)
      return true
    } catch (error) {
      return !(error instanceof SecretNotFoundError)
    }
  }

  return (choice) => {
    const name = JSON.stringify([choice.provider, choice.service])
    const known = found.get(name)
    if (known && clock.now() - known.at < MINUTE_MS) return known.answer
    const answer = look(choice)
    found.set(name, { at: clock.now(), answer })
    return answer
  }
}
