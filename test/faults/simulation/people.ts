import { decideApproval } from '#shared/executions/decide-approval.ts'
import { wakeExecution } from '#shared/executions/wake-execution.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import type { Interruption } from './invocation.ts'
import type { SimulatedCloud } from './simulated-cloud.ts'

const ADA = { subject: 'ada', scopes: [] }

/** Decides on what is pending, mostly what was asked last; now and then whoever decides is gone before the execution knows of it. */
export async function decide(cloud: SimulatedCloud, tenant: string, share: number): Promise<void> {
  const { random, log, stores } = cloud
  const { approvals } = await stores.approvals.list({ tenant, pending: true }, { limit: 100 })
  for (const { approvalId } of approvals.filter(() => random.chance(share))) {
    const method = random.pick(['approvals.settle', 'executions.wake', 'workQueue.send'])
    const when = random.pick(['before', 'after'] as const)
    const kill: Interruption = { kind: 'decider_killed', method, call: 1, when, effect: 'kill' }
    const { invocation, dependencies } = cloud.invoke(random.chance(0.2) ? kill : undefined)
    const decision = random.pick(['approve', 'deny'] as const)
    const deciding = decideApproval(dependencies, { ...ADA, tenant }, approvalId, { decision }).catch((error: unknown) => {
      // Its execution has ended, or its time is over.
      if (!(error instanceof SluiceError) || error.code === 'internal') throw error
    })
    if ((await invocation.outcome(deciding)) === 'done') log.add('approval_decided')
  }
}

/** Gives turns to some of those who wait for theirs. */
export async function passTurns(cloud: SimulatedCloud, tenant: string, share: number): Promise<void> {
  const { random, log, careful } = cloud
  for (const executionId of [...careful.waiting].filter(() => random.chance(share))) {
    careful.waiting.delete(executionId)
    const kill: Interruption = { kind: 'decider_killed', method: 'workQueue.send', call: 1, when: 'before', effect: 'kill' }
    const { invocation, dependencies } = cloud.invoke(random.chance(0.2) ? kill : undefined)
    const key = { tenant, executionId }
    // Whoever passes a turn on does so until it was heard.
    const outcome = await invocation.outcome(wakeExecution(dependencies, key))
    if (outcome === 'failed') careful.waiting.add(executionId)
    log.add('turn_passed_on')
  }
}
