import * as z from 'zod'
import type { Checkpoints } from '#shared/executions/answerer.ts'
import type { Checkpoint } from './agent-context.ts'
import type { Effects } from './effects.ts'

/** The agent's state, and how many effects stand before it: whoever goes on from here numbers on. */
const savedSchema = z.object({ effects: z.int().nonnegative(), state: z.unknown() })

/** How many effects stand before the last checkpoint. */
export const effectsBefore = ({ state }: Checkpoints): number => (state === undefined ? 0 : savedSchema.parse(state).effects)

/** Checkpoints as an agent's code sees them. What it has begun to send is sent before its state is stored. */
export function agentCheckpoint(checkpoints: Checkpoints, effects: Effects): Checkpoint {
  return {
    get state() {
      return checkpoints.state === undefined ? undefined : savedSchema.parse(checkpoints.state).state
    },
    async save(state) {
      await effects.settle()
      await checkpoints.save({ effects: effects.count, state })
    },
  }
}
