import type { Client, ExecutionResult, ExecutionStream, StreamStatus } from './index.ts'

/** What to ask whom. */
export interface ExecutionTarget {
  agentId: string
  content: string
}

export interface ViewOptions {
  /** See `RunOptions.direct`. */
  direct?: boolean | undefined
  /** False shows texts as they come. */
  pacing?: boolean | undefined
}

/** An execution as a page shows it. */
export interface ExecutionView {
  /** The verified result. */
  data: ExecutionResult | undefined
  /** True until there is a result or an error. */
  loading: boolean
  error: unknown
  /** The answer so far. */
  text: string
  status: StreamStatus
  executionId: string | undefined
}

/** Something to show, that says when it is another. */
export interface ViewStore {
  get(): ExecutionView
  subscribe(onChange: () => void): () => void
  /** Follows, or goes on; returns how to leave. */
  start(): () => void
  cancel(): Promise<void>
  detach(): void
}

/** Follows an execution while it is shown. Starting again goes on where it was left: the request has one key for all its life. */
export function createExecutionView(
  client: Client,
  target: string | ExecutionTarget | undefined,
  { direct = false, pacing = true }: ViewOptions,
): ViewStore {
  const idempotencyKey = crypto.randomUUID()
  const listeners = new Set<() => void>()
  const isWanted = target !== undefined
  let shown: ExecutionView = {
    data: undefined,
    loading: isWanted,
    error: undefined,
    text: '',
    status: isWanted ? 'connecting' : 'idle',
    executionId: typeof target === 'string' ? target : undefined,
  }
  let isDetached = false
  let stream: ExecutionStream | undefined
  let state: ExecutionStream['state'] | undefined

  function show(change: Partial<ExecutionView>): void {
    shown = { ...shown, ...change }
    for (const listener of [...listeners]) listener()
  }

  async function open(signal: AbortSignal): Promise<ExecutionStream> {
    const { executionId } = shown
    if (executionId !== undefined) return client.execution(executionId, { signal, pacing, ...(state && { state }) })
    if (typeof target !== 'object') throw new TypeError('there is nothing to follow')
    return client.run(target.agentId, target.content, { idempotencyKey, direct, pacing, signal })
  }

  async function follow(signal: AbortSignal): Promise<void> {
    try {
      const opened = await open(signal)
      stream = opened
      show({ executionId: opened.executionId, status: opened.status })
      const stop = opened.on({
        text: (text) => show({ text }),
        status: (status) => show({ status }),
        done: (data) => show({ data, text: data.text, loading: false }),
        error(error) {
          if (!signal.aborted) show({ error: isDetached ? undefined : error, loading: false })
        },
      })
      signal.addEventListener('abort', () => {
        state = opened.state
        stop()
      })
    } catch (error) {
      if (!signal.aborted) show({ error, loading: false })
    }
  }

  return {
    get: () => shown,
    subscribe(onChange) {
      listeners.add(onChange)
      return () => listeners.delete(onChange)
    },
    start() {
      const leaving = new AbortController()
      if (shown.loading) void follow(leaving.signal)
      return () => leaving.abort()
    },
    async cancel() {
      await stream?.cancel()
    },
    detach() {
      isDetached = true
      stream?.detach()
    },
  }
}
