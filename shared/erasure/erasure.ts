import type { ErasureCounts, ErasureView } from '#shared/protocol/erasure.ts'

/** How far a pass has come. */
export type Pass = {
  /** RFC 3339. */
  startedAt: string
  /** Place that it is in, by its number. */
  place: number
  /** Where in that place it goes on; at its beginning when absent. */
  cursor?: string | undefined
  looked: ErasureCounts
  found: ErasureCounts
}

/** An erasure as it is stored: what everybody sees, and where the next invocation goes on. */
export type Erasure = ErasureView & {
  pass?: Pass | undefined
  /** Follows from the idempotency key of whoever asked for it. */
  requestKey?: string | undefined
  /** Grows with every write: of two invocations that work on the same erasure, one stops. */
  revision: number
}

/** Whether nothing works on it any more. */
export const hasEnded = ({ status }: Pick<Erasure, 'status'>): boolean => status === 'erased' || status === 'failed'

/** What everybody sees. */
export function toErasureView({ pass: _pass, requestKey: _key, revision: _revision, ...view }: Erasure): ErasureView {
  return view
}
