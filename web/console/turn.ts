import {
  type Client,
  type ExecutionResult,
  type ExecutionState,
  INITIAL_STATE,
  SluiceClientError,
  type StreamStatus,
} from '../client/index.ts'
import { followedStreams } from './followed-streams.ts'
import { type Step, withEvent } from './steps.ts'
import type { TurnRecord } from './turn-store.ts'

/** One question and its answer, as it runs. */
export interface Turn {
  /** What to store of it now. */
  readonly record: TurnRecord
  readonly state: ExecutionState
  /** What the agent did besides talking. */
  readonly steps: readonly Step[]
  /** How its stream fares; undefined before there is one. */
  readonly status: StreamStatus | undefined
  /** Once everything was verified. */
  readonly result: ExecutionResult | undefined
  readonly error: unknown
  /** Goes on after an error: asks again with the same key, or follows the execution again from its cursor. */
  retry(): void
  stop(): void
}

/** Asks the agent, or follows the execution of a stored turn; `onChange` is called after each event. */
export function startTurn(client: Client, stored: TurnRecord, onChange: () => void): Turn {
  const stopping = new AbortController()
  let record = stored
  let state = stored.state ?? INITIAL_STATE
  let steps = stored.steps ?? []
  let result: ExecutionResult | undefined
  let error: unknown
  let status: StreamStatus | undefined

  async function follow(): Promise<void> {
    const { signal } = stopping
    const stream = record.executionId
      ? client.execution(record.executionId, { state, signal })
      : await client.run(record.agentId, record.content, {
          idempotencyKey: record.key,
          signal,
          ...(record.conversationId && { conversationId: record.conversationId }),
          attachments: record.images?.map(({ attachmentId }) => attachmentId),
        })
    followedStreams.add(stream)
    stream.on({
      status(next) {
        status = next
        onChange()
      },
    })
    record = { ...record, executionId: stream.executionId }
    onChange()
    for await (const event of stream) {
      state = stream.state
      steps = withEvent(steps, event)
      onChange()
    }
    result = await stream.done
    state = stream.state
  }

  function start(): void {
    error = undefined
    follow()
      .catch((failure: unknown) => {
        error = failure
      })
      .finally(() => {
        if (!stopping.signal.aborted) onChange()
      })
  }

  start()
  return {
    get record() {
      return { ...record, state, steps }
    },
    get state() {
      return state
    },
    get steps() {
      return steps
    },
    get status() {
      return status
    },
    get result() {
      return result
    },
    get error() {
      return error
    },
    retry() {
      if (error instanceof SluiceClientError && error.code === 'integrity_error') {
        state = INITIAL_STATE
        steps = []
      }
      start()
    },
    stop: () => stopping.abort(),
  }
}
