import { sleep } from '#shared/platform/clock.ts'
import type { ExecutionEvent } from '#shared/protocol/stream-event.ts'
import { createClient as createRealClient, type ExecutionState, SluiceClientError } from '../../../web/client/index.ts'
import type { Random } from '../../random.ts'
import type { Loss } from './losses.ts'

/** What the campaign asks of a stream. */
export type PageStream = AsyncIterable<ExecutionEvent> & {
  readonly executionId: string
  readonly state: ExecutionState
  /** How it came here. */
  readonly stats?: { readonly transport?: string }
  /** What is shown. */
  readonly text: string
  readonly done: Promise<{ text: string; verified: boolean }>
}

/** What the campaign asks of a client; the product's own one has it. */
export type PageClient = {
  run(
    agentId: string,
    content: string,
    options: { idempotencyKey: string; direct: boolean; packed: boolean },
  ): Promise<PageStream>
  execution(executionId: string, options: { after?: number; state?: ExecutionState; packed: boolean }): PageStream
  cancelExecution(executionId: string): Promise<unknown>
  close(): void
}

export type CreateClient = (options: { baseUrl: string; token: () => Promise<string> }) => PageClient

/** What one page saw of an execution, until it was left or the stream ended. */
export type Reading = {
  /** Cursor that it began behind. */
  after: number
  stream: PageStream
  /** Events as they were handed out. */
  events: ExecutionEvent[]
}

/** One user who follows one execution, over as many pages as it takes. */
export type View = {
  executionId: string
  readings: Reading[]
  /** What the last page ended with. */
  result?: { text: string; verified: boolean }
  error?: unknown
  ended: boolean
  /** What it came on, in this order. */
  transports: string[]
  /** Until the next event is there. */
  loss?: Loss | undefined
}

/** A person with one browser tab at a time. */
export type User = {
  readonly views: View[]
  /** Asks the agent, again until it is accepted. */
  ask(agentId: string, content: string): Promise<View>
  follow(executionId: string, after?: number): View
  cancel(executionId: string): Promise<void>
  /** Leaves the page and opens it again, with what it had stored of each stream. Returns how many streams went on. */
  reload(): number
  close(): void
}

export type UserOptions = {
  host: string
  token(): Promise<string>
  random: Random
  /** Told of each event, before anything else is done with it. */
  onEvent(view: View, event: ExecutionEvent): void
  onMovedBack(): void
  /** The product's own when absent. */
  createClient?: CreateClient | undefined
}

/** How often a user presses the button again. */
const TRIES = 12
const PRESS_AGAIN_MS = 400

export function createUser({ host, token, random, onEvent, onMovedBack, createClient = createRealClient }: UserOptions): User {
  const views: View[] = []
  let client = open()

  function open(): PageClient {
    return createClient({ baseUrl: `http://${host}`, token })
  }

  function read(view: View, stream: PageStream, after: number): void {
    const reading: Reading = { after, stream, events: [] }
    view.readings.push(reading)
    const isLast = (): boolean => view.readings.at(-1) === reading
    const events = async (): Promise<void> => {
      for await (const event of stream) {
        onEvent(view, event)
        notice(view, stream.stats?.transport)
        reading.events.push(event)
      }
      const result = await stream.done
      if (isLast()) view.result = result
    }
    events().then(
      () => {
        view.ended ||= isLast()
      },
      (error: unknown) => {
        if (!isLast()) return
        view.error = error
        view.ended = true
      },
    )
  }

  function started(executionId: string, stream: PageStream, after: number): View {
    const view: View = { executionId, readings: [], transports: [], ended: false }
    views.push(view)
    read(view, stream, after)
    return view
  }

  /** A page that stored all, one that stored its cursor only, or one whose store was a little behind. */
  function goOn(view: View, before: PageStream): void {
    const { state } = before
    const hasAll = random.chance(0.6)
    const after = hasAll || random.chance(0.5) ? state.cursor : random.below(state.cursor + 2) - 1
    if (after < state.cursor) onMovedBack()
    read(view, client.execution(view.executionId, { ...(hasAll ? { state } : { after }), packed: random.chance(0.7) }), after)
  }

  return {
    views,
    async ask(agentId, content) {
      const options = { idempotencyKey: content, direct: random.chance(0.3), packed: random.chance(0.7) }
      const stream = await pressed(() => client.run(agentId, content, options))
      return started(stream.executionId, stream, -1)
    },
    follow: (executionId, after = -1) =>
      started(executionId, client.execution(executionId, { after, packed: random.chance(0.7) }), after),
    async cancel(executionId) {
      await pressed(() => client.cancelExecution(executionId)).catch(ignoreRefusal)
    },
    reload() {
      const going = views.filter((view) => !view.ended)
      const streams = going.map((view) => view.readings.at(-1)?.stream)
      const old = client
      client = open()
      for (const [index, view] of going.entries()) {
        const stream = streams[index]
        // Who leaves a page does not wait for it.
        view.loss = undefined
        if (stream) goOn(view, stream)
      }
      old.close()
      return going.length
    },
    close: () => client.close(),
  }
}

function notice({ transports }: View, transport: string | undefined): void {
  if (transport !== undefined && transports.at(-1) !== transport) transports.push(transport)
}

/** Presses a button again while it makes sense, and on the new page when the old one was left meanwhile. */
async function pressed<Result>(press: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await press()
    } catch (error) {
      const again = error instanceof SluiceClientError && (error.retryable || error.code === 'closed')
      if (tries >= TRIES || !again) throw error
      await sleep(PRESS_AGAIN_MS)
    }
  }
}

/** What has ended cannot be cancelled any more. */
function ignoreRefusal(error: unknown): void {
  if (!(error instanceof SluiceClientError) || error.code !== 'invalid_state') throw error
}
