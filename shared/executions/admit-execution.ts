import { freeSlots, isCancelledBy } from '#shared/agents/gate.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { workItemOf } from './admission.ts'
import { admitNext } from './admit-next.ts'
import type { EndQueuedDependencies } from './end-queued.ts'
import type { ExecutionRecord } from './execution-record.ts'

/** Looks at a gate that others keep changing. Each one that fails means that somebody else got further. */
const ROUNDS = 10

/**
 * Gives a queued execution a slot and queues its work, or puts it into the mailbox when there is none. Repeatable after a crash at any point:
 * who has a slot has it still, and is queued once more.
 *
 * @returns `changed`: there is nothing to do, it waits already or is not queued any more
 * @throws SluiceError `unavailable` when others took every slot that it saw
 */
export async function admitExecution(
  dependencies: EndQueuedDependencies,
  record: ExecutionRecord,
): Promise<'admitted' | 'parked' | 'changed'> {
  const result = await takeSlotOrPark(dependencies, record)
  if (result !== 'taken') return result
  await dependencies.workQueue.send(workItemOf(record))
  return 'admitted'
}

/**
 * Gives a queued execution a slot, or puts it into the mailbox when there is none. Nobody overtakes those who wait already. One that was cancelled with
 * its agent, and could not be found then, ends here: it was between two attempts, on its way back from a wait, or not in its place yet.
 *
 * @returns `taken`, also when the agent is gone: the worker ends its executions
 * @throws SluiceError `unavailable` when others took every slot that it saw
 */
export async function takeSlotOrPark(
  dependencies: EndQueuedDependencies,
  record: ExecutionRecord,
): Promise<'taken' | 'parked' | 'changed'> {
  const { admission, clock } = dependencies
  for (let round = 0; round < ROUNDS; round++) {
    const slot = await admission.takeSlot(record, clock.now())
    if (slot.result !== 'refused') return 'taken'
    if (isCancelledBy(slot.gate, record)) return endStopped(dependencies, record)
    // There is room, but others have waited for it.
    if (freeSlots(slot.gate) > 0) await admitNext(dependencies, record, { crowded: true })
    const result = await admission.park(record, { onlyIfFull: true })
    if (result === 'parked' || result === 'changed') return result
  }
  throw new SluiceError('unavailable', `the gate of the agent "${record.agentId}" is busy`)
}

/** Hardly any execution is stopped on its way: what ends it is not loaded with every function. */
async function endStopped(dependencies: EndQueuedDependencies, record: ExecutionRecord): Promise<'changed'> {
  const { endQueued, STOPPED } = await import('./end-queued.ts')
  await endQueued(dependencies, record, STOPPED)
  return 'changed'
}
