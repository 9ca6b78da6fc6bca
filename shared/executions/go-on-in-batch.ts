import { nextLook } from './admission.ts'
import { admitExecution } from './admit-execution.ts'
import { batchExecutionId } from './batch-record.ts'
import { type EndQueuedDependencies, endQueued } from './end-queued.ts'
import type { ExecutionRecord } from './execution-record.ts'
import { hasEnded } from './execution-status.ts'

/** Looks at one execution that others keep changing. */
const ROUNDS = 10

/**
 * Lets the next one of a batch in order begin, once the one before has ended; where that stops the batch, those behind it are cancelled. To be
 * called when an execution has ended. Repeatable after a crash at any point, and harmless beside another call: a turn is taken once.
 *
 * @param ended - one whose own turn had come; nothing follows from any other
 */
export async function goOnInBatch(dependencies: EndQueuedDependencies, ended: ExecutionRecord): Promise<void> {
  if (ended.batchOrder === undefined || ended.awaitsTurn) return
  for (let before = ended; ; ) {
    const next = await atPlace(dependencies, before, (before.batchIndex ?? 0) + 1)
    if (!next) return
    if (!hasEnded(next.status)) await (isStoppedBy(before) ? giveUp(dependencies, next, before) : begin(dependencies, next))
    const standing = await dependencies.executions.get(next)
    if (!standing || !hasEnded(standing.status) || !standing.awaitsTurn) return
    // It ended before its turn: the one behind it is next.
    before = standing
  }
}

/**
 * Makes up for a turn that a crash has left untaken.
 *
 * @param waiting - one that awaits its turn
 */
export async function makeUpForTurn(dependencies: EndQueuedDependencies, waiting: ExecutionRecord): Promise<void> {
  for (let index = (waiting.batchIndex ?? 0) - 1; ; index--) {
    const before = await atPlace(dependencies, waiting, index)
    if (!before) {
      // The first is stored last: whoever took the batch on stopped before that, and answered nobody.
      await endQueued(dependencies, waiting, {
        status: 'cancelled',
        detail: 'never begun: its batch was not taken on as a whole',
      })
      return
    }
    if (!hasEnded(before.status)) return
    if (!before.awaitsTurn) return goOnInBatch(dependencies, before)
  }
}

/** Nobody but the first to take the turn removes the wait; whoever comes later admits it once more, which changes nothing. */
async function begin(dependencies: EndQueuedDependencies, next: ExecutionRecord): Promise<void> {
  const { executions, clock } = dependencies
  if (next.awaitsTurn) await executions.takeTurn(next, nextLook(next, clock.now()))
  const standing = await executions.get(next)
  const isNew = standing?.status === 'queued' && standing.attempt === 0 && !standing.place && !standing.awaitsTurn
  if (isNew) await admitExecution(dependencies, standing)
}

/** Cancels one whose turn will not come. One that somebody ends another way meanwhile is left as it is. */
async function giveUp(dependencies: EndQueuedDependencies, next: ExecutionRecord, before: ExecutionRecord): Promise<void> {
  const detail = `never begun: execution ${before.batchIndex} of its batch is ${before.status}`
  let standing: ExecutionRecord | undefined = next
  for (let round = 0; round < ROUNDS && standing && !hasEnded(standing.status); round++) {
    if ((await endQueued(dependencies, standing, { status: 'cancelled', detail })) === 'ended') return
    standing = await dependencies.executions.get(next)
  }
}

const isStoppedBy = ({ batchOrder, status }: ExecutionRecord): boolean => batchOrder === 'stop_on_error' && status !== 'completed'

const atPlace = ({ executions }: EndQueuedDependencies, { tenant, batchId = '' }: ExecutionRecord, index: number) =>
  executions.get({ tenant, executionId: batchExecutionId({ tenant, batchId }, index) })
