import { SluiceError } from '#shared/platform/errors.ts'
import { retry } from '#shared/platform/retry.ts'
import { MAX_CHECKPOINT_BYTES } from '#shared/protocol/limits.ts'
import { StreamLostError } from '#shared/streams/stream-lost-error.ts'
import type { Checkpoints, Wait } from './answerer.ts'
import { type Run, type RunDependencies, stateOf } from './run.ts'
import { STORE_RETRIES } from './store-retries.ts'

/** How long a checkpoint waits for the slowest viewer, in milliseconds. Whoever is slower is served by the next writer. */
const POSTING_MS = 10_000

/** The checkpoints of one attempt of a run, as its agent's code has them. */
export function checkpointsOf(
  { executions }: RunDependencies,
  run: Run,
  signal: AbortSignal,
): {
  checkpoints: Checkpoints
  /** Waits for what is being saved, which the run goes on from then. */
  settled(): Promise<void>
} {
  const { record, writer, sender, stop } = run
  let saving: Promise<void> = Promise.resolve()

  async function save(json: string, wait: Wait | undefined): Promise<void> {
    signal.throwIfAborted()
    const sequence = await writer.flushed()
    await sender.caughtUp(AbortSignal.any([signal, AbortSignal.timeout(POSTING_MS)]))
    signal.throwIfAborted()
    const checkpoint = { state: json, sequence }
    const store = () => executions.saveCheckpoint(record, record.fence, { ...stateOf(run), checkpoint })
    if ((await retry(store, STORE_RETRIES)) === 'lost') throw new StreamLostError(record.executionId)
    run.checkpoint = checkpoint
    run.wait = wait
    if (wait) stop.stop('suspended')
    else if (run.timeLeft() <= 0) stop.stop('handed_over')
    signal.throwIfAborted()
  }

  /** One after the other: code that does not wait must not store an old state over a new one. */
  async function saveInTurn(state: unknown, wait?: Wait): Promise<void> {
    const json = JSON.stringify(state ?? null)
    if (Buffer.byteLength(json) > MAX_CHECKPOINT_BYTES)
      throw new SluiceError(
        'payload_too_large',
        `the checkpoint is larger than ${MAX_CHECKPOINT_BYTES} bytes: keep what is large elsewhere, and its name in the state`,
      )
    const turn = saving.then(() => save(json, wait))
    saving = turn.catch(() => undefined)
    await turn
  }

  const checkpoints: Checkpoints = {
    get state() {
      // One that had to wait before it had done anything has stored that it has no state.
      return run.checkpoint && (JSON.parse(run.checkpoint.state) ?? undefined)
    },
    save: (state) => saveInTurn(state),
    async suspend(state, wait) {
      await saveInTurn(state, wait)
      // The stop that the save has caused, or one that came before it.
      throw signal.reason
    },
  }
  return { checkpoints, settled: () => saving }
}
