import type { Execution } from '#shared/protocol/execution.ts'
import type { Failure } from '#shared/protocol/problem.ts'
import type { ExecutionEvent, StreamEvent, Usage } from '#shared/protocol/stream-event.ts'
import type { TerminalEventType } from '#shared/protocol/terminal-events.ts'
import { SluiceClientError } from './errors.ts'
import type { Following } from './hub.ts'
import type { StreamListeners } from './listeners.ts'
import { isProven } from './proof.ts'
import { createStreamCore, type StreamStats } from './stream-core.ts'
import { applyEvent, type ExecutionState, INITIAL_STATE } from './stream-reducer.ts'
import type { StreamStatus } from './stream-status.ts'
import type { Subscriber } from './subscription.ts'

/** A finished execution whose count of events and hash of the text were checked. */
export interface ExecutionResult {
  executionId: string
  status: TerminalEventType
  text: string
  thinking: string
  usage?: Usage
  /** Why it ended, unless `completed`. */
  error?: Failure
  /** Number of events in the whole stream. */
  events: number
  sha256: string
  verified: true
}

export interface ExecutionStats extends StreamStats {
  /** Pieces of text that were shown before their events came. */
  previews: number
}

/**
 * The answer of one execution while it comes. Iterate over the events, listen to them, or just await {@link done}. Events wait in memory
 * for an iteration until they are read, at most as many as the execution has. Leaving the loop early detaches.
 */
export interface ExecutionStream extends AsyncIterable<ExecutionEvent> {
  readonly executionId: string
  /** What the events so far say; replaced as a whole with each frame. */
  readonly state: ExecutionState
  /** The answer so far, previews included. */
  readonly text: string
  readonly status: StreamStatus
  readonly stats: ExecutionStats
  /** Resolves after the terminal event, once everything was verified, also when the execution failed. */
  readonly done: Promise<ExecutionResult>
  /** Calls back from now on; returns how to stop. */
  on(listener: StreamListeners<ExecutionEvent, ExecutionResult>): () => void
  /** Stops following; the execution itself goes on. {@link done} rejects with `closed`. */
  detach(): void
  /** Stops the execution itself, and goes on following to its terminal event. */
  cancel(): Promise<Execution>
}

export interface ExecutionOptions {
  /** Cursor to go on from: `text` then begins behind it, the result still holds the whole text. Default −1: from the start. */
  after?: number
  /** A stored {@link ExecutionState} to go on from, text included; takes precedence over `after`. */
  state?: ExecutionState
  /** False when every event is wanted by itself. Otherwise one with `from` may stand for many, so that late comers catch up at once. */
  packed?: boolean
  /** False hands texts to `on({ text })` as they come; otherwise they flow evenly. */
  pacing?: boolean
  signal?: AbortSignal
}

export interface ExecutionSource {
  subscribe(subscriber: Subscriber): Following
  /** All events of the execution behind a cursor, unpacked, over HTTP. */
  readEvents(after: number, signal: AbortSignal): AsyncIterable<readonly StreamEvent[]>
  cancel(): Promise<Execution>
}

const isExecutionEvent = (event: StreamEvent): event is ExecutionEvent => 'executionId' in event

export function createExecutionStream(executionId: string, source: ExecutionSource, options: ExecutionOptions): ExecutionStream {
  const closing = new AbortController()
  const { promise: done, resolve, reject } = Promise.withResolvers<ExecutionResult>()
  done.catch(() => undefined) // The reader of the events gets the same error; `done` need not be looked at.
  let state = options.state ?? { ...INITIAL_STATE, cursor: options.after ?? -1 }
  let provisional = ''
  let previews = 0
  let isMending = false

  const core = createStreamCore<ExecutionEvent, ExecutionResult>({
    name: `execution ${executionId}`,
    signal: options.signal,
    follow: () => source.subscribe(subscriber),
    onFail(error) {
      closing.abort(error)
      reject(error)
    },
  })
  const { queue, listeners, latency } = core

  const subscriber: Subscriber = {
    get cursor() {
      return state.cursor
    },
    packed: options.packed ?? true,
    deliver(news) {
      const events = news.filter(isExecutionEvent)
      state = events.reduce(applyEvent, state)
      provisional = ''
      latency.add(events)
      for (const event of events) queue.push(event)
      if (state.torn) void mend()
      listeners.tell((listener) => listener.events?.(events))
      tellText()
      if (state.proof) finish()
    },
    preview(more) {
      previews += 1
      provisional += more
      tellText()
    },
    onStatus: core.show,
    onEnd: finish,
    fail: core.fail,
  }

  function tellText(): void {
    listeners.tell((listener) => listener.text?.(state.text + provisional))
  }

  /** A `retrying` kept a part of a packed text: only the single events say which. Until then the text is shown without it. */
  async function mend(): Promise<void> {
    if (isMending) return
    isMending = true
    const whole = await reread().catch(() => undefined)
    isMending = false
    // Unread, or behind by now, it is left to the verification at the end.
    if (whole?.cursor !== state.cursor || core.isOver) return
    state = whole
    tellText()
  }

  /** The state as the single events make it, up to what was applied by then. */
  async function reread(): Promise<ExecutionState> {
    let whole = INITIAL_STATE
    for await (const events of source.readEvents(-1, closing.signal)) {
      const known = events.filter(({ sequence }) => sequence <= state.cursor)
      whole = known.filter(isExecutionEvent).reduce(applyEvent, whole)
      if (whole.cursor === state.cursor) break
    }
    return whole
  }

  function finish(): void {
    core.leave('ended')
    verify().then((result) => {
      if (core.isOver) return
      core.settle()
      resolve(result)
      queue.end()
      tellText()
      listeners.tell((listener) => listener.done?.(result))
    }, core.fail)
  }

  async function verify(): Promise<ExecutionResult> {
    if (!(await isProven(state))) {
      const whole = await reread()
      if (!(await isProven(whole))) {
        throw new SluiceClientError(
          'integrity_error',
          `what was read of execution ${executionId} does not fit its terminal event`,
        )
      }
      state = whole
    }
    return toResult(executionId, state)
  }

  if (state.proof && !options.signal?.aborted) finish()
  else core.attach()
  if (state.torn) void mend()

  return {
    executionId,
    get state() {
      return state
    },
    get text() {
      return state.text + provisional
    },
    get status() {
      return core.status
    },
    get stats() {
      return { ...core.stats(state.cursor), previews }
    },
    done,
    on: (listener) => listeners.add(listener, state.text + provisional, options.pacing ?? true),
    detach: core.close,
    cancel: source.cancel,
    [Symbol.asyncIterator]: () => queue,
  }
}

function toResult(executionId: string, { status, text, thinking, usage, error, proof }: ExecutionState): ExecutionResult {
  if (!proof || status === 'queued' || status === 'running' || status === 'retrying') {
    throw new SluiceClientError('integrity_error', `execution ${executionId} has no terminal event`)
  }
  return { executionId, status, text, thinking, ...(usage && { usage }), ...(error && { error }), ...proof, verified: true }
}
