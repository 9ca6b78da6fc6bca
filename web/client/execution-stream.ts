import type { ErrorCode } from '#shared/protocol/error-codes.ts'
import type { ExecutionEvent, StreamEvent, Usage } from '#shared/protocol/stream-event.ts'
import type { TerminalEventType } from '#shared/protocol/terminal-events.ts'
import { SluiceClientError } from './errors.ts'
import { createEventQueue } from './event-queue.ts'
import { isProven } from './proof.ts'
import { applyEvent, type ExecutionState, INITIAL_STATE } from './stream-reducer.ts'
import type { Subscriber } from './subscription.ts'

/** A finished execution whose count of events and hash of the text were checked. */
export interface ExecutionResult {
  executionId: string
  status: TerminalEventType
  text: string
  thinking: string
  usage?: Usage
  /** Why it ended, unless `completed`. */
  error?: { code: ErrorCode; detail: string }
  /** Number of events in the whole stream. */
  events: number
  sha256: string
  verified: true
}

/**
 * The answer of one execution while it comes. Iterate over the events, or just await {@link done}. Events wait in memory until they
 * are read, at most as many as the execution has. Leaving the loop early closes the stream.
 */
export interface ExecutionStream extends AsyncIterable<ExecutionEvent> {
  readonly executionId: string
  /** What the events so far say; replaced as a whole with each event. */
  readonly state: ExecutionState
  readonly text: string
  /** Resolves after the terminal event, once everything was verified, also when the execution failed. */
  readonly done: Promise<ExecutionResult>
  /** Stops following; the execution itself goes on. */
  close(): void
}

export interface ExecutionOptions {
  /** Cursor to go on from: `text` then begins behind it, the result still holds the whole text. Default −1: from the start. */
  after?: number
  /** A stored {@link ExecutionState} to go on from, text included; takes precedence over `after`. */
  state?: ExecutionState
  signal?: AbortSignal
}

export interface ExecutionSource {
  /** Returns how to leave. */
  subscribe(subscriber: Subscriber): () => void
  /** All events of the execution, from the start, over HTTP. */
  readEvents(signal: AbortSignal): AsyncIterable<ExecutionEvent>
}

export function createExecutionStream(executionId: string, source: ExecutionSource, options: ExecutionOptions): ExecutionStream {
  const closing = new AbortController()
  const queue = createEventQueue<ExecutionEvent>(close)
  const { promise: done, resolve, reject } = Promise.withResolvers<ExecutionResult>()
  done.catch(() => undefined) // The reader of the events gets the same error; `done` need not be looked at.
  let state = options.state ?? { ...INITIAL_STATE, cursor: options.after ?? -1 }
  let detach = (): void => undefined

  function deliver(events: readonly StreamEvent[]): void {
    for (const event of events) {
      if (!('executionId' in event)) continue
      state = applyEvent(state, event)
      queue.push(event)
    }
    if (state.proof) finish()
  }

  function finish(): void {
    detach()
    verify().then((result) => {
      options.signal?.removeEventListener('abort', onAbort)
      resolve(result)
      queue.end()
    }, fail)
  }

  async function verify(): Promise<ExecutionResult> {
    if (!(await isProven(state))) {
      let reread = INITIAL_STATE
      for await (const event of source.readEvents(closing.signal)) reread = applyEvent(reread, event)
      if (!(await isProven(reread))) {
        throw new SluiceClientError(
          'integrity_error',
          `what was read of execution ${executionId} does not fit its terminal event`,
        )
      }
      state = reread
    }
    return toResult(executionId, state)
  }

  function fail(error: unknown): void {
    options.signal?.removeEventListener('abort', onAbort)
    detach()
    closing.abort(error)
    reject(error)
    queue.fail(error)
  }

  function close(): void {
    fail(new SluiceClientError('closed', `the stream of execution ${executionId} was closed`))
  }

  function onAbort(): void {
    fail(options.signal?.reason)
  }

  if (options.signal?.aborted) onAbort()
  else {
    options.signal?.addEventListener('abort', onAbort)
    if (state.proof) finish()
    else {
      const subscriber = {
        get cursor() {
          return state.cursor
        },
        deliver,
        fail,
      }
      detach = source.subscribe(subscriber)
    }
  }

  return {
    executionId,
    get state() {
      return state
    },
    get text() {
      return state.text
    },
    done,
    close,
    [Symbol.asyncIterator]: () => queue,
  }
}

function toResult(executionId: string, { status, text, thinking, usage, error, proof }: ExecutionState): ExecutionResult {
  if (!proof || status === 'queued' || status === 'running' || status === 'retrying') {
    throw new SluiceClientError('integrity_error', `execution ${executionId} has no terminal event`)
  }
  return { executionId, status, text, thinking, ...(usage && { usage }), ...(error && { error }), ...proof, verified: true }
}
