import { retry } from '#shared/platform/retry.ts'
import { StreamLostError } from '#shared/streams/stream-lost-error.ts'
import { workItemOf } from './admission.ts'
import { letGo, type Run, type RunDependencies, runFields, stateOf } from './run.ts'
import { STORE_RETRIES } from './store-retries.ts'

/** When the sweeper looks for a hand-over whose message was lost, in milliseconds. */
const PATIENCE_MS = 60_000

/**
 * Lets another invocation go on from the checkpoint that was saved last: the same attempt, with the slot, and without a seam in the stream.
 *
 * @throws StreamLostError when another worker has taken over
 */
export async function handOver({ executions, workQueue, clock, logger }: RunDependencies, run: Run): Promise<void> {
  const { record } = run
  await letGo(run)
  const state = { ...stateOf(run), dueAt: clock.now() + PATIENCE_MS }
  const result = await retry(() => executions.handOver(record, record.fence, state), STORE_RETRIES)
  if (result === 'lost') throw new StreamLostError(record.executionId)
  await workQueue.send(workItemOf(record))
  logger.info('execution_handed_over', { ...runFields(run), through: run.checkpoint?.sequence })
}
