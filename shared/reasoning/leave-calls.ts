import { openCallsIn } from './open-calls-of.ts'
import type { Reasoning } from './reasoning.ts'

/** Leaves the calls that were under way in an earlier run, and that this one knows nothing of: nobody hears what they come to. */
export async function leaveCalls({ checkpoints, leave }: Pick<Reasoning, 'checkpoints' | 'leave'>): Promise<void> {
  for (const { callId, result } of openCallsIn(checkpoints.state)) if (!result) await leave(callId)
}
