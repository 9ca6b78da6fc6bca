import type { AdmissionDependencies } from '#shared/executions/admission.ts'
import { admitExecution } from '#shared/executions/admit-execution.ts'
import { admitNext } from '#shared/executions/admit-next.ts'
import type { CancelDependencies } from '#shared/executions/cancel-execution.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { memoryWorkQueue } from '#shared/messaging/memory-work-queue.ts'
import type { LlmAgent } from '#shared/protocol/agent.ts'
import { executionRef } from '#shared/streams/channel-ref.ts'
import { memorySubscriptionStore } from '#shared/streams/memory-subscription-store.ts'
import { answer } from './execution-events.ts'
import { anAgent, anExecution, memoryWorld } from './executions.ts'

export const ASSISTANT = { tenant: 'acme', agentId: 'assistant' }
export const NOW = Date.parse('2026-11-21T09:30:00.000Z')

/** Everything that admission moves, in memory, and a worker that does what the test tells it. */
export function admissionWorld() {
  let now = NOW
  const clock = { now: () => now }
  const world = memoryWorld(clock)
  const workQueue = memoryWorkQueue()
  const subscriptions = memorySubscriptionStore(world.log)
  const dependencies: CancelDependencies & typeof world = { ...world, streamLog: world.log, workQueue, subscriptions, clock }
  let born = 0

  /** A stored execution that is nowhere yet; each is a millisecond younger than the one before. */
  async function aNew(overrides: Partial<ExecutionRecord> = {}): Promise<ExecutionRecord> {
    const record = anExecution({ createdAt: new Date(NOW + born++).toISOString(), ...overrides })
    await dependencies.executions.create(record, now + 1)
    return record
  }

  const get = async ({ tenant, executionId }: Pick<ExecutionRecord, 'tenant' | 'executionId'>): Promise<ExecutionRecord> => {
    const record = await dependencies.executions.get({ tenant, executionId })
    if (!record) throw new Error(`the execution ${executionId} does not exist`)
    return record
  }

  return {
    ...dependencies,
    dependencies,
    workQueue,
    aNew,
    get,
    later: (milliseconds: number) => {
      now += milliseconds
    },
    register: (overrides: Partial<LlmAgent> = {}) => world.agents.create('acme', anAgent(overrides)),
    /** Opens or closes the gate, as a verb of the lifecycle does. */
    setOpen: (open: boolean) =>
      world.agents.changeStatus(ASSISTANT, {
        from: open ? ['paused'] : ['running'],
        to: open ? 'running' : 'paused',
        open,
        at: new Date(now).toISOString(),
      }),
    /** A new execution, admitted. */
    async admitted(overrides: Partial<ExecutionRecord> = {}): Promise<ExecutionRecord> {
      const record = await aNew(overrides)
      await admitExecution(dependencies, record)
      return get(record)
    },
    /** A worker begins with it. */
    async begin(key: ExecutionRecord): Promise<ExecutionRecord> {
      const lease = { owner: 'worker', now, expiresAt: now + 30_000, tookSlot: false }
      const taken = await dependencies.executions.acquire(key, lease)
      if (taken.result !== 'acquired') throw new Error(`it is ${taken.result}`)
      return taken.record
    },
    /** A worker ends it, and gives its slot to the next. */
    async finish(record: ExecutionRecord, next: AdmissionDependencies = dependencies): Promise<void> {
      const { fence } = await get(record)
      const events = answer(['done'], record.executionId)
      await next.executions.end(record, fence, { status: 'completed', endedAt: clock.now().toString(), events })
      await admitNext(next, record)
    },
    sent: () => workQueue.sent.map(({ executionId }) => executionId),
    gate: async () => {
      const gate = await world.admission.gate(ASSISTANT)
      if (!gate) throw new Error('there is no gate')
      return gate
    },
    eventsOf: (record: ExecutionRecord) => world.log.read(executionRef(record), -1),
  }
}

/** Ids in the order of the records. */
export const idsOf = (records: readonly ExecutionRecord[]): string[] => records.map(({ executionId }) => executionId)
