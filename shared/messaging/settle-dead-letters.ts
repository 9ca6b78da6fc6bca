import type { Principal } from '#shared/access/principal.ts'
import type { Clock } from '#shared/platform/clock.ts'
import type { Log } from '#shared/platform/log.ts'
import type { SelectDeadLetters } from '#shared/protocol/dead-letter.ts'
import type { StoredLetter } from './dead-letters.ts'
import { type DeadLetterDependencies, type FoundLetter, searchDeadLetters } from './search-dead-letters.ts'

export type SettleDependencies = DeadLetterDependencies & { clock: Clock; log: Log }

/** Letters that were settled, those that could not be, and whether there may be others. */
export type Settled = { settled: number; failed: number; more: boolean }

/**
 * Sends dead letters back to where they failed, each under its first id. It is sent before it is deleted: after a crash between the two the
 * letter is there twice, and its ids make that harmless.
 */
export const redriveDeadLetters = (
  dependencies: SettleDependencies,
  principal: Pick<Principal, 'tenant' | 'subject'>,
  selection: SelectDeadLetters,
): Promise<Settled> =>
  settle(dependencies, principal, selection, 'dead_letters_redriven', async (letter) => {
    await dependencies.deadLetters.sendBack(letter, principal.tenant)
    await dependencies.deadLetters.remove(letter)
  })

/** Deletes dead letters for good. */
export const discardDeadLetters = (
  dependencies: SettleDependencies,
  principal: Pick<Principal, 'tenant' | 'subject'>,
  selection: SelectDeadLetters,
): Promise<Settled> =>
  settle(dependencies, principal, selection, 'dead_letters_discarded', (letter) => dependencies.deadLetters.remove(letter))

async function settle(
  dependencies: SettleDependencies,
  principal: Pick<Principal, 'tenant' | 'subject'>,
  selection: SelectDeadLetters,
  code: 'dead_letters_redriven' | 'dead_letters_discarded',
  act: (letter: StoredLetter) => Promise<void>,
): Promise<Settled> {
  const startedAt = dependencies.clock.now()
  const settled: string[] = []
  let failed = 0
  const more = await searchDeadLetters(dependencies, principal, selection, async (batch: FoundLetter[]) => {
    // What comes meanwhile is not meant: a letter that is refused again at once would go round and round.
    const found = batch.filter(({ letter }) => letter.sentAt <= startedAt)
    const results = await Promise.allSettled(found.map(({ letter }) => act(letter)))
    const taken = found.filter((_letter, index) => results[index]?.status === 'fulfilled').map(({ letter }) => letter)
    settled.push(...taken.map(({ id }) => id))
    failed += found.length - taken.length
    return { taken, enough: selection.ids !== undefined && settled.length + failed >= selection.ids.length }
  })
  // Ids that were asked for are all there is.
  const complete = selection.ids !== undefined && settled.length + failed >= selection.ids.length
  const { tenant, subject } = principal
  dependencies.log.info(code, { tenant, subject, queue: selection.queue, settled, failed })
  return { settled: settled.length, failed, more: more && !complete }
}
