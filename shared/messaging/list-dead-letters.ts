import type { Principal } from '#shared/access/principal.ts'
import { NotFoundError } from '#shared/platform/errors.ts'
import type { DeadLetter, DeadLetterFilter, DeadLetterList } from '#shared/protocol/dead-letter.ts'
import { type DeadLetterDependencies, searchDeadLetters } from './search-dead-letters.ts'

/** How much of a body a list shows, in UTF-16 code units. */
const PREVIEW_LENGTH = 500

/** The tenant's dead letters, the oldest of those that were found first, with the beginning of what they say. */
export async function listDeadLetters(
  dependencies: DeadLetterDependencies,
  principal: Pick<Principal, 'tenant'>,
  { queue, limit, filter }: { queue?: string | undefined; limit: number; filter: DeadLetterFilter },
): Promise<DeadLetterList> {
  const found: DeadLetter[] = []
  const unseen = await searchDeadLetters(dependencies, principal, { queue, filter }, async (batch) => {
    found.push(...batch.map(({ deadLetter }) => deadLetter))
    return { taken: [], enough: found.length > limit }
  })
  const sorted = found.toSorted((one, other) => Date.parse(one.time) - Date.parse(other.time))
  return { deadLetters: sorted.slice(0, limit).map(preview), more: unseen || sorted.length > limit }
}

/**
 * One dead letter, all of it.
 *
 * @throws NotFoundError when the tenant has no such letter there, or somebody else looks at it right now
 */
export async function showDeadLetter(
  dependencies: DeadLetterDependencies,
  principal: Pick<Principal, 'tenant'>,
  { queue, id }: { queue: string; id: string },
): Promise<DeadLetter> {
  const found: DeadLetter[] = []
  await searchDeadLetters(dependencies, principal, { queue, ids: [id] }, async (batch) => {
    found.push(...batch.map(({ deadLetter }) => deadLetter))
    return { taken: [], enough: found.length > 0 }
  })
  const [deadLetter] = found
  if (!deadLetter) throw new NotFoundError('dead letter', id)
  return deadLetter
}

const preview = (deadLetter: DeadLetter): DeadLetter =>
  deadLetter.body.length <= PREVIEW_LENGTH
    ? deadLetter
    : { ...deadLetter, body: deadLetter.body.slice(0, PREVIEW_LENGTH).toWellFormed(), truncated: true }
