import type { Fact } from '#shared/events/fact.ts'
import type { LifecycleEventType } from '#shared/protocol/lifecycle-event.ts'
import type { ActivityStore } from '#shared/streams/activity-store.ts'

const TAKEN_ON: readonly LifecycleEventType[] = ['execution.queued']
const GONE_WRONG: readonly LifecycleEventType[] = ['execution.failed', 'execution.timed_out']

/**
 * Counts what was taken on and what went wrong, about: a fact that is told twice counts twice, and one that cannot be counted now does not
 * count. Nobody's reply waits for a figure.
 */
export const countActivity =
  (activity: ActivityStore) =>
  async ({ tenant, event }: Fact): Promise<void> => {
    const count = (messages: number, errors: number) => activity.add(tenant, { messages, errors }).catch(() => undefined)
    if (TAKEN_ON.includes(event.type)) await count(1, 0)
    if (GONE_WRONG.includes(event.type)) await count(0, 1)
  }
