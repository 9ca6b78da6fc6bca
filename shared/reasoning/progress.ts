import * as z from 'zod'
import { SluiceError } from '#shared/platform/errors.ts'
import { MAX_CHECKPOINT_BYTES } from '#shared/protocol/limits.ts'
import { fitThread } from './fit-thread.ts'
import { leaveCalls } from './leave-calls.ts'
import type { CallWait, Reasoning } from './reasoning.ts'
import { warn } from './take-turn.ts'
import { newThread, type Thread } from './thread.ts'

/** How far a pattern is. `state` is changed in place; what stands in it when it is saved is what a later invocation goes on from. */
export type Progress<State = object> = {
  readonly state: State
  /** Id of the next call. It counts through the execution, so that no call is ever taken for another one. */
  nextCallId(): string
  /**
   * Stores how far it is. A state without open calls that is too large in spite of everything is not stored: whoever goes on repeats turns of the model, and
   * nothing else.
   *
   * @throws SluiceError `payload_too_large`; the signal's reason
   */
  save(): Promise<void>
  /** Leaves the execution until somebody has decided, or has answered. */
  suspend(wait: CallWait): Promise<never>
}

/** Whatever becomes of a state, every version can read the number of its calls. */
const savedSchema = z.object({ pattern: z.string(), calls: z.int().nonnegative(), state: z.unknown().optional() })

/**
 * Goes on from the checkpoint of the same pattern, or begins. An agent whose pattern was changed meanwhile begins anew, and so does one whose checkpoint another
 * version of this code wrote, in a shape that this one does not know: viewers are told, and calls are numbered on.
 *
 * @param shape - what a state looks like, and what it is at first
 */
export async function progressOf<State extends { thread: Thread }>(
  { checkpoints, stream, signal, leave }: Pick<Reasoning, 'checkpoints' | 'stream' | 'signal' | 'leave'>,
  pattern: string,
  shape: { schema: z.ZodType<State>; first: () => State },
): Promise<Progress<State>> {
  const { data: saved } = savedSchema.safeParse(checkpoints.state)
  const { data: known } = shape.schema.safeParse(saved?.pattern === pattern ? saved.state : undefined)
  if (!known && checkpoints.state !== undefined) {
    await leaveCalls({ checkpoints, leave })
    await warn({ stream }, BEGINS_ANEW)
  }
  const state = known ?? shape.first()
  let calls = saved?.calls ?? 0
  const toSave = () => ({ pattern, calls, state })
  const fits = (): boolean => Buffer.byteLength(JSON.stringify(toSave())) <= MAX_CHECKPOINT_BYTES

  function fit(): boolean {
    const fitting = fitThread(state.thread, fits)
    if (fitting || state.thread.open.length === 0) return fitting
    throw new SluiceError(
      'payload_too_large',
      `a turn of the model with its calls does not fit a checkpoint of ${MAX_CHECKPOINT_BYTES} bytes: let it say or think less at once`,
    )
  }

  return {
    state,
    nextCallId() {
      calls += 1
      return `call-${calls}`
    },
    async save() {
      signal.throwIfAborted()
      if (fit()) await checkpoints.save(toSave())
    },
    async suspend(wait) {
      signal.throwIfAborted()
      fit()
      return checkpoints.suspend(toSave(), wait)
    },
  }
}

const BEGINS_ANEW = 'the agent or its platform was changed while it worked: it begins anew'

/** State of patterns that have nothing but a thread. */
export const firstThread = (): { thread: Thread } => ({ thread: newThread() })
