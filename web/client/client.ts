import type { Execution, ExecutionAccepted } from '#shared/protocol/execution.ts'
import type { LifecycleEventType } from '#shared/protocol/lifecycle-event.ts'
import type { FactEvent, StreamEvent, TopicEvent } from '#shared/protocol/stream-event.ts'
import type { Ticket } from '#shared/protocol/ticket.ts'
import { createAccessToken, type TokenSource } from './access-token.ts'
import { type Calls, createCalls, type RepeatableOptions } from './calls.ts'
import { type ChannelOptions, createChannelStream, type FactStream, type TopicStream } from './channel-stream.ts'
import { type ConnectionCallbacks, type ConnectionState, createConnection } from './connection.ts'
import { type ConnectionMonitor, createConnectionMonitor } from './connection-info.ts'
import { SluiceClientError } from './errors.ts'
import { createExecutionStream, type ExecutionOptions, type ExecutionStream } from './execution-stream.ts'
import { createHttpClient } from './http.ts'
import { createHub, type Follow, type Opened } from './hub.ts'
import { canShareTabs, createSharedConnection } from './shared-connection.ts'
import type { FallbackTransport, SideDoors } from './side-doors.ts'
import { DEFAULT_TIMING, type Timing } from './timing.ts'

export interface ClientOptions {
  /** Origin of the front door, for instance `http://localhost:8787`. */
  baseUrl: string
  token: TokenSource
  /** What events may come on. Without the socket the first one is used as long as it works; default all. */
  transports?: readonly ('socket' | FallbackTransport)[]
  /** False gives every tab a socket of its own. */
  shareTabs?: boolean
  timing?: Partial<Timing>
}

export interface RunOptions extends RepeatableOptions, Pick<ExecutionOptions, 'packed' | 'pacing'> {
  /** The answer comes in the response to the request: sooner, and without a queue where the agent has room. */
  direct?: boolean
  /** What the agent remembers is kept by it, for this caller. Without, the question stands alone. */
  conversationId?: string
  /** Images to look at: ids that `POST /v1/attachments` has given. */
  attachments?: readonly string[] | undefined
}

export interface FactOptions extends ChannelOptions {
  /** Of this agent and its executions only. */
  agentId?: string
  /** Of this type only, or of those that begin with it when it ends with a dot, such as `agent.`. */
  type?: LifecycleEventType | `${string}.`
}

export interface Client extends Calls {
  /** The connection of all streams, as a page may show it. */
  readonly connection: ConnectionMonitor
  /** State of the connection. */
  readonly state: ConnectionState
  /** Calls back with the state now and at each change; returns how to stop. */
  onState(callback: (state: ConnectionState) => void): () => void
  /** Opens the socket ahead of the first stream and keeps it open. */
  connect(): void
  /** Asks an agent; resolves once the request is accepted, with the stream of the answer. */
  run(agentId: string, content: string, options?: RunOptions): Promise<ExecutionStream>
  /** Follows an execution, from its start unless the options say otherwise. */
  execution(executionId: string, options?: ExecutionOptions): ExecutionStream
  topic(topic: string, options?: ChannelOptions): TopicStream
  /** Lifecycle events of all agents and executions, or of one agent. */
  events(options?: FactOptions): FactStream
  /** Ends all streams with `closed` and lets go of the socket. */
  close(): void
}

/** A client of one front door, with one socket for all its streams. Throws `insecure_context` where hashes cannot be computed. */
export function createClient(options: ClientOptions): Client {
  if (!globalThis.crypto?.subtle) {
    throw new SluiceClientError('insecure_context', 'answers can be verified over https or on localhost only')
  }
  const { baseUrl, transports = ['socket', 'sse', 'poll'], shareTabs = canShareTabs() } = options
  const timing = { ...DEFAULT_TIMING, ...options.timing }
  const token = createAccessToken(options.token)
  const http = createHttpClient({ baseUrl, token, requestMs: timing.requestMs })
  const ticket = async (signal: AbortSignal): Promise<string> =>
    (await http<Ticket>('/v1/tickets', { method: 'POST', signal })).ticket
  const calls = createCalls(http)
  const { monitor, show } = createConnectionMonitor()

  const dial = (callbacks: ConnectionCallbacks) =>
    createConnection({
      ...callbacks,
      url: socketUrl(baseUrl),
      timing,
      ticket,
      async freshTicket(signal) {
        const before = token.expiresAt
        await token.get({ refresh: true })
        return token.expiresAt === before ? undefined : ticket(signal)
      },
      tokenEnd: () => (token.canRefresh ? token.expiresAt : undefined),
    })
  const connect = (callbacks: ConnectionCallbacks, follow: Follow) =>
    shareTabs ? createSharedConnection({ baseUrl, token, dial, callbacks, follow, timing }) : dial(callbacks)

  let loading: Promise<SideDoors> | undefined

  /** Loaded once; asked again after a failure. */
  function sideDoors(): Promise<SideDoors> {
    const fallbacks = transports.filter((transport) => transport !== 'socket')
    loading ??= import('./side-doors.ts').then(({ createSideDoors }) =>
      createSideDoors({ http, ticket, transports: fallbacks, timing }),
    )
    return loading.catch((cause: unknown) => {
      loading = undefined
      throw new SluiceClientError('network_error', 'a part of the client cannot be loaded', { retryable: true, cause })
    })
  }

  const hub = createHub({
    connect: transports.includes('socket') ? connect : undefined,
    sideDoors,
    timing,
    onStatus: show,
    async readRest(executionId, after) {
      const { endedAt } = await calls.getExecution(executionId)
      if (endedAt === undefined) return undefined
      const rest: StreamEvent[] = []
      for await (const events of (await sideDoors()).readAll(`execution:${executionId}`, after)) rest.push(...events)
      return rest
    },
  })

  function execution(executionId: string, options: ExecutionOptions = {}, opened?: Opened): ExecutionStream {
    const channel = `execution:${executionId}`
    const source = {
      subscribe: (subscriber: Parameters<Follow>[1]) => hub.follow(channel, subscriber, opened),
      async *readEvents(after: number, signal: AbortSignal) {
        yield* (await sideDoors()).readPatiently(channel, after, signal)
      },
      cancel: (): Promise<Execution> => calls.cancelExecution(executionId),
    }
    return createExecutionStream(executionId, source, options)
  }

  return {
    ...calls,
    connection: monitor,
    get state() {
      return monitor.state
    },
    onState(callback) {
      let last = monitor.state
      callback(last)
      return monitor.onChange(({ state }) => {
        if (state !== last) callback(state)
        last = state
      })
    },
    connect: hub.connect,
    async run(agentId, content, { direct, conversationId, attachments, idempotencyKey = crypto.randomUUID(), ...rest } = {}) {
      const body = { agentId, conversationId, input: { content, attachments } }
      const run = direct && (await runDirectly(body, idempotencyKey, rest.signal))
      if (run) return execution(run.executionId, rest, run)
      const call = { method: 'POST', body, idempotencyKey, signal: rest.signal } as const
      return execution((await http<ExecutionAccepted>('/v1/executions', call)).executionId, rest)
    },
    execution: (executionId, options) => execution(executionId, options),
    topic: (topic, options = {}) => {
      const channel = `topic:${topic}`
      const isMessage = (event: StreamEvent): event is TopicEvent => event.type === 'message'
      return createChannelStream(channel, (subscriber) => hub.follow(channel, subscriber), isMessage, options)
    },
    events: ({ agentId, type, ...options } = {}) => {
      const channel = agentId === undefined ? 'all' : `agent:${agentId}`
      const isWanted = (event: StreamEvent): event is FactEvent => event.type === 'lifecycle' && matches(event.data.type, type)
      return createChannelStream(channel, (subscriber) => hub.follow(channel, subscriber), isWanted, options)
    },
    close: hub.close,
  }

  /** Undefined when that door cannot be used now: the same key at the usual one never asks twice. */
  async function runDirectly(body: unknown, idempotencyKey: string, signal: AbortSignal | undefined) {
    try {
      const doors = await sideDoors()
      return { doors, ...(await doors.runDirectly(body, idempotencyKey, signal)) }
    } catch (error) {
      signal?.throwIfAborted()
      if (error instanceof SluiceClientError && !error.retryable) throw error
      return undefined
    }
  }
}

function matches(type: string, wanted: string | undefined): boolean {
  if (wanted === undefined) return true
  return wanted.endsWith('.') ? type.startsWith(wanted) : type === wanted
}

function socketUrl(baseUrl: string): URL {
  return new URL('/socket', baseUrl.replace(/^http/, 'ws'))
}
