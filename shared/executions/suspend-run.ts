import { retry } from '#shared/platform/retry.ts'
import { StreamLostError } from '#shared/streams/stream-lost-error.ts'
import type { Wait } from './answerer.ts'
import { handOver } from './hand-over.ts'
import { letNextIn } from './let-next-in.ts'
import { nextLookAtWait } from './next-look-at-wait.ts'
import { letGo, type Run, type RunDependencies, runFields, stateOf } from './run.ts'
import { STORE_RETRIES } from './store-retries.ts'

/**
 * Leaves a run until somebody wakes it: the same attempt goes on from the checkpoint that was saved last, and the slot is free meanwhile. What
 * it would wait for may have come since: then another invocation goes on at once.
 *
 * @throws StreamLostError when another worker has taken over
 */
export async function suspendRun(dependencies: RunDependencies, run: Run, wait: Wait): Promise<'suspended' | 'handed_over'> {
  const { executions, clock, logger } = dependencies
  const { record } = run
  await letGo(run)
  const since = clock.now()
  const suspended = { ...wait, since }
  const state = { ...stateOf(run), suspended, dueAt: nextLookAtWait(suspended, since) }
  const result = await retry(() => executions.suspend(record, record.fence, state), STORE_RETRIES)
  if (result === 'lost') throw new StreamLostError(record.executionId)
  if (result === 'due') {
    await handOver(dependencies, run)
    return 'handed_over'
  }
  logger.info('execution_suspended', { ...runFields(run), ...wait })
  await letNextIn(dependencies, record)
  return 'suspended'
}
