import * as z from 'zod'
import { sleep } from '#shared/platform/clock.ts'
import { defineAgent } from '#shared/runtime/define-agent.ts'

const State = z.object({ step: z.int().nonnegative() }).default({ step: 0 })

/** Writes one line a step, for longer than its function may run: each step ends with a checkpoint from which another invocation goes on. */
export const marathon = defineAgent({
  id: 'marathon',
  name: 'Marathon',
  description: 'Writes for longer than its function may run.',
  timeoutSeconds: 3_600,
  input: z.object({
    steps: z.int().min(1).max(2_000).default(60),
    /** Milliseconds. */
    pause: z.int().min(0).max(10_000).default(500),
  }),
  async handle({ steps, pause }, { checkpoint, signal, stream }) {
    for (let { step } = State.parse(checkpoint.state); step < steps; step++) {
      await stream.write(`Step ${step + 1} of ${steps}.\n`)
      await sleep(pause, signal)
      await checkpoint.save({ step: step + 1 })
    }
    return { steps }
  },
})
