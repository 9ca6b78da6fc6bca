import type { Fact } from './fact.ts'

/** A fact that the bus did not accept, and what it said. */
export type RefusedFact = { fact: Fact; reason: string }

/** Where lifecycle events are published. At least once, in no order. */
export type LifecycleBus = {
  /** @returns those that were not accepted, after some tries; all others were. Never throws */
  publish(facts: readonly Fact[]): Promise<RefusedFact[]>
}
