import { agentEvents } from './agent-events.ts'
import type { Change } from './change.ts'
import { executionEvents } from './execution-events.ts'
import type { Fact } from './fact.ts'

/** How much is told of what happens all the time. */
export type Sampling = {
  /** Share of the health checks, from 0, none, to 1, all. */
  health: number
}

/** The facts of a change, in the order in which they came about. Pure: the same change gives the same events, with the same ids. */
export function lifecycleEventsOf(change: Change, sampling: Sampling): Fact[] {
  switch (change.kind) {
    case 'execution':
      return executionEvents(change).map((event) => ({ tenant: change.after.tenant, event }))
    case 'agent':
      return agentEvents(change, sampling.health).map((event) => ({ tenant: change.tenant, event }))
    case 'gate':
      return []
  }
}
