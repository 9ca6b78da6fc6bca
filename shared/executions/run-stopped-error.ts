import { SluiceError } from '#shared/platform/errors.ts'
import type { ErrorCode } from '#shared/protocol/error-codes.ts'

/** What stops a run before its answer is there. */
export type StopKind =
  /** Its deadline has passed. */
  | 'timed_out'
  /** Somebody asked for it. */
  | 'cancelled'
  /** This invocation is about to end, and no checkpoint was in time. */
  | 'out_of_time'
  /** It goes on from a checkpoint in another invocation. */
  | 'handed_over'
  /** It waits for somebody, without a worker. */
  | 'suspended'

const CODES: Record<StopKind, ErrorCode> = {
  timed_out: 'timeout',
  cancelled: 'cancelled',
  out_of_time: 'timeout',
  handed_over: 'unavailable',
  suspended: 'unavailable',
}

/** Reason of the signal that stops a run. Whatever an agent's code makes of it, the run ends as the reason says. */
export class RunStoppedError extends SluiceError {
  override readonly name = 'RunStoppedError'
  readonly kind: StopKind

  constructor(kind: StopKind, message: string) {
    super(CODES[kind], message)
    this.kind = kind
  }
}
