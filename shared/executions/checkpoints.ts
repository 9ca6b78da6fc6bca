import pRetry from 'p-retry'
import { SluiceError } from '#shared/platform/errors.ts'
import { MAX_CHECKPOINT_BYTES } from '#shared/protocol/limits.ts'
import { StreamLostError } from '#shared/streams/stream-lost-error.ts'
import type { Checkpoints } from './answerer.ts'
import { type Run, type RunDependencies, stateOf } from './run.ts'
import { STORE_RETRIES } from './store-retries.ts'

/** How long a checkpoint waits for the slowest viewer, in milliseconds. Whoever is slower is served by the next writer. */
const POSTING_MS = 10_000

/** The checkpoints of a run, as its agent's code has them. */
export function checkpointsOf({ executions }: RunDependencies, run: Run, signal: AbortSignal): Checkpoints {
  const { record, writer, sender, stop } = run
  return {
    get state() {
      return run.checkpoint && JSON.parse(run.checkpoint.state)
    },

    async save(state) {
      signal.throwIfAborted()
      const json = JSON.stringify(state ?? null)
      if (Buffer.byteLength(json) > MAX_CHECKPOINT_BYTES)
        throw new SluiceError('payload_too_large', `the checkpoint is larger than ${MAX_CHECKPOINT_BYTES} bytes`)
      const sequence = await writer.flushed()
      await sender.caughtUp(AbortSignal.any([signal, AbortSignal.timeout(POSTING_MS)]))
      signal.throwIfAborted()
      const checkpoint = { state: json, sequence }
      const saved = await pRetry(
        () => executions.saveCheckpoint(record, record.fence, { ...stateOf(run), checkpoint }),
        STORE_RETRIES,
      )
      if (saved === 'lost') throw new StreamLostError(record.executionId)
      run.checkpoint = checkpoint
      if (run.timeLeft() > 0) return
      // Nothing may follow the checkpoint, or the next writer would have to take it back.
      await writer.close()
      stop.stop('handed_over')
      signal.throwIfAborted()
    },
  }
}
