import type { Erasure } from './erasure.ts'

/** Erasures, which outlive the tenants that they are of. Reads are consistent. */
export type ErasureStore = {
  /** @returns the one that stands there already */
  create(erasure: Erasure): Promise<Erasure | undefined>
  get(erasureId: string): Promise<Erasure | undefined>
  /** Stores the next state, on condition that the revision is still the one before. `changed`: somebody else works on it. */
  save(erasure: Erasure): Promise<'saved' | 'changed'>
}
