import { type DeadLetterDependencies, searchDeadLetters } from '#shared/messaging/search-dead-letters.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import type { ErasurePlace } from './erasure-place.ts'

/** Searches that may end before all letters were looked at: others' letters can be many. */
const MAX_SEARCHES = 10

/** The dead letters of a tenant, in every queue that keeps some. */
export function deadLetterPlace(dependencies: DeadLetterDependencies): ErasurePlace {
  return {
    name: 'deadLetters',
    async erase(tenant, cursor = '1') {
      let found = 0
      const more = await searchDeadLetters(dependencies, { tenant }, {}, async (batch) => {
        const letters = batch.map(({ letter }) => letter)
        await Promise.all(letters.map((letter) => dependencies.deadLetters.remove(letter)))
        found += letters.length
        return { taken: letters, enough: false }
      })
      const searches = Number(cursor)
      if (more && searches >= MAX_SEARCHES)
        throw new SluiceError('unavailable', 'there are too many dead letters to look at them all')
      return { looked: found, found, ...(more && { next: String(searches + 1) }) }
    },
  }
}
