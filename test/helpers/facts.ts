import type { Fact } from '#shared/events/fact.ts'
import type { LifecycleEvent } from '#shared/protocol/lifecycle-event.ts'
import type { UnnumberedEvent } from '#shared/streams/stream-log.ts'

export const aFact = (overrides: Partial<LifecycleEvent> = {}, tenant = 'acme'): Fact => {
  const { id = 'f-1', ...rest } = overrides
  const event: LifecycleEvent = {
    specversion: '1.0',
    id,
    type: 'execution.started',
    source: '/executions/e-1',
    time: '2026-11-21T09:30:00.000Z',
    data: { agentId: 'assistant', executionId: 'e-1', attempt: 1 },
    ...rest,
  }
  return { tenant, event }
}

/** A fact as a channel takes it; `time` is when it is told. */
export const toldAt = ({ event }: Fact, time: string): UnnumberedEvent => ({
  id: event.id,
  numbered: (sequence) => ({ type: 'lifecycle', sequence, time, data: event }),
})
