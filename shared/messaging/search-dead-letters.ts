import type { Principal } from '#shared/access/principal.ts'
import { NotFoundError } from '#shared/platform/errors.ts'
import type { DeadLetter, DeadLetterFilter } from '#shared/protocol/dead-letter.ts'
import type { DeadLetters, HeldLetter, StoredLetter } from './dead-letters.ts'
import { readDeadLetter } from './read-dead-letter.ts'

export type DeadLetterDependencies = {
  deadLetters: DeadLetters
  /** Whose a message of the ingress queue is that names no tenant. */
  defaultTenant: string
}

/** Which letters: those of the tenant in one queue or in all, by id or by filter. */
export type Selection = { queue?: string | undefined; ids?: readonly string[] | undefined; filter?: DeadLetterFilter | undefined }

/** A letter that was found, and how it reads. */
export type FoundLetter = { letter: StoredLetter; deadLetter: DeadLetter }

/** What becomes of letters that were found: those that are not `taken` are shown again. `enough` ends the search of this queue. */
export type Visit = (found: FoundLetter[]) => Promise<{ taken: readonly StoredLetter[]; enough: boolean }>

/** Longest search, in milliseconds: requests are answered within 29 seconds, and letters stay hidden for 30. */
export const SEARCH_MS = 20_000

/**
 * Takes the letters of each queue in turn, hides them while it searches, and shows again what it leaves. Letters of other tenants are
 * never handed out.
 *
 * @returns whether something may be left that was not looked at
 * @throws NotFoundError when there is no such queue
 */
export async function searchDeadLetters(
  dependencies: DeadLetterDependencies,
  principal: Pick<Principal, 'tenant'>,
  selection: Selection,
  visit: Visit,
  searchMs = SEARCH_MS,
): Promise<boolean> {
  const { queues } = dependencies.deadLetters
  const { queue } = selection
  if (queue !== undefined && !queues.includes(queue)) throw new NotFoundError('dead-letter queue', queue)
  const signal = AbortSignal.timeout(searchMs)
  const isMeant = (owned: { tenant: string; deadLetter: DeadLetter }): boolean =>
    owned.tenant === principal.tenant && matches(owned.deadLetter, selection)
  const left = await Promise.all(
    (queue === undefined ? queues : [queue]).map((name) => searchQueue(dependencies, name, isMeant, visit, signal)),
  )
  return left.includes(true)
}

async function searchQueue(
  { deadLetters, defaultTenant }: DeadLetterDependencies,
  queue: string,
  isMeant: (owned: { tenant: string; deadLetter: DeadLetter }) => boolean,
  visit: Visit,
  signal: AbortSignal,
): Promise<boolean> {
  // Without their bodies: a queue may hold more of them than a function has memory.
  const held = new Map<string, HeldLetter>()
  try {
    while (!signal.aborted) {
      const batch = (await receive(deadLetters, queue, signal)).filter(({ id }) => !held.has(id))
      if (batch.length === 0) return signal.aborted
      for (const { queue, id, receipt } of batch) held.set(id, { queue, id, receipt })
      const found = batch.flatMap((letter) => {
        const owned = readDeadLetter(letter, defaultTenant)
        return owned && isMeant(owned) ? [{ letter, deadLetter: owned.deadLetter }] : []
      })
      const { taken, enough } = await visit(found)
      for (const { id } of taken) held.delete(id)
      if (enough) return true
    }
    return true
  } finally {
    await deadLetters.release([...held.values()])
  }
}

/** No letters when the time is up: what was found until then is the answer. */
const receive = (deadLetters: DeadLetters, queue: string, signal: AbortSignal): Promise<StoredLetter[]> =>
  deadLetters.receive(queue, signal).catch((error: unknown) => {
    if (signal.aborted) return []
    throw error
  })

function matches({ id, code, topic, agentId, time }: DeadLetter, { ids, filter = {} }: Selection): boolean {
  return (
    (ids === undefined || ids.includes(id)) &&
    (filter.code === undefined || filter.code === code) &&
    (filter.topic === undefined || filter.topic === topic) &&
    (filter.agentId === undefined || filter.agentId === agentId) &&
    (filter.olderThan === undefined || Date.parse(time) < Date.parse(filter.olderThan))
  )
}
