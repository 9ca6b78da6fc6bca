import type { Agent, AgentDefinition, AgentHealth, AgentList, StopPolicy } from '#shared/protocol/agent.ts'
import type { AgentVerb } from '#shared/protocol/agent-lifecycle.ts'
import type { BatchResult, PublishMessage } from '#shared/protocol/envelope.ts'
import type { EventPage, Execution, ExecutionAccepted, ExecutionList, ExecutionStatus } from '#shared/protocol/execution.ts'
import { MAX_EVENTS_PAGE } from '#shared/protocol/limits.ts'
import type { ExecutionEvent } from '#shared/protocol/stream-event.ts'
import type { Ticket } from '#shared/protocol/ticket.ts'
import type { ConnectionState } from './connection.ts'
import { type DeadLetterCalls, deadLetterCalls } from './dead-letters.ts'
import { SluiceClientError } from './errors.ts'
import { createExecutionStream, type ExecutionOptions, type ExecutionStream } from './execution-stream.ts'
import { createHttpClient, type TokenSource } from './http.ts'
import { createSocketHub } from './socket-hub.ts'
import { DEFAULT_TIMING, type Timing } from './timing.ts'
import { createTopicStream, type TopicOptions, type TopicStream } from './topic-stream.ts'

export interface ClientOptions {
  /** Origin of the front door, for instance `http://localhost:8787`. */
  baseUrl: string
  token: TokenSource
  timing?: Partial<Timing>
}

export interface CallOptions {
  signal?: AbortSignal
}

export interface RunOptions extends CallOptions {
  /** Repeating a call with the same key gives the same execution. A random one when absent. */
  idempotencyKey?: string
}

export interface VerbOptions extends CallOptions {
  /** What `stop` does with executions: let the running ones end (`drain`, when absent), or cancel all of them. */
  policy?: StopPolicy
}

export interface ExecutionQuery extends CallOptions {
  /** Executions in this status only. */
  status?: ExecutionStatus
  /** Size of the page. */
  limit?: number
  /** The `next` of the page before. */
  after?: string
}

export interface LookOptions extends CallOptions {
  /** Also say where it stands in its agent's queue, while it waits there. */
  position?: boolean
}

export interface Client extends DeadLetterCalls {
  /** State of the shared socket. */
  readonly state: ConnectionState
  /** Calls back with the state now and at each change; returns how to stop. */
  onState(callback: (state: ConnectionState) => void): () => void
  /** Opens the socket ahead of the first stream and keeps it open. */
  connect(): void
  /** All agents of the tenant. */
  agents(options?: CallOptions): Promise<Agent[]>
  agent(agentId: string, options?: CallOptions): Promise<Agent>
  /** Registers an agent; the same one, however often it is sent with the same key. */
  createAgent(definition: AgentDefinition, options?: RunOptions): Promise<Agent>
  /** Starts, pauses, resumes, stops or deletes an agent. The agent may still be on its way; undefined once it is gone. */
  changeAgent(agentId: string, verb: AgentVerb, options?: VerbOptions): Promise<Agent | undefined>
  agentHealth(agentId: string, options?: CallOptions): Promise<AgentHealth>
  /** Asks an agent; resolves once the request is accepted, with the stream of the answer. */
  run(agentId: string, content: string, options?: RunOptions): Promise<ExecutionStream>
  /** Follows an execution, from its start unless the options say otherwise. */
  execution(executionId: string, options?: ExecutionOptions): ExecutionStream
  /** The execution as it stands now. */
  getExecution(executionId: string, options?: LookOptions): Promise<Execution>
  /** A page of an agent's executions, the newest first. */
  executions(agentId: string, options?: ExecutionQuery): Promise<ExecutionList>
  /** Cancels an execution. One that runs is `running` until its worker has stopped. */
  cancelExecution(executionId: string, options?: CallOptions): Promise<Execution>
  /** Does an execution that came to nothing again, as a new one; the same new one, however often it is asked for with the same key. */
  retryExecution(executionId: string, options?: RunOptions): Promise<ExecutionAccepted>
  /** Moves an execution that waits to another priority, 1 (low) to 10 (high). */
  changePriority(executionId: string, priority: number, options?: CallOptions): Promise<Execution>
  topic(topic: string, options?: TopicOptions): TopicStream
  /** Publishes a message with this `data`; it is taken once, however often it is sent with the same key. */
  publish(topic: string, data: unknown, options?: RunOptions): Promise<{ messageId: string; topic: string }>
  /** Publishes up to 100 messages, each by itself; says of each, in their order, its id or why it was refused. */
  publishBatch(topic: string, messages: readonly PublishMessage[], options?: RunOptions): Promise<BatchResult>
  /** Sends a message with this `data` to one agent, whatever its topics; says which execution comes of it. */
  send(agentId: string, data: unknown, options?: RunOptions): Promise<{ messageId: string; agentId: string; executionId: string }>
  /** Ends all streams with `closed` and lets go of the socket. */
  close(): void
}

/** A client of one front door, with one socket for all its streams. Throws `insecure_context` where hashes cannot be computed. */
export function createClient({ baseUrl, token, timing: overrides }: ClientOptions): Client {
  if (!globalThis.crypto?.subtle) {
    throw new SluiceClientError('insecure_context', 'answers can be verified over https or on localhost only')
  }
  const timing = { ...DEFAULT_TIMING, ...overrides }
  const http = createHttpClient({ baseUrl, token, requestMs: timing.requestMs })
  const stateListeners = new Set<(state: ConnectionState) => void>()
  let state: ConnectionState = 'closed'

  const hub = createSocketHub({
    url: socketUrl(baseUrl),
    timing,
    ticket: async (signal) => (await http<Ticket>('/v1/tickets', { method: 'POST', signal })).ticket,
    poll: async (executionId, after) => (await eventPage(executionId, after)).events,
    onState(next) {
      if (next === state) return
      state = next
      for (const listener of stateListeners) listener(next)
    },
  })

  function eventPage(executionId: string, after: number, signal?: AbortSignal): Promise<EventPage> {
    return http(`${executionPath(executionId)}/events?after=${after}&limit=${MAX_EVENTS_PAGE}`, { signal })
  }

  async function* readEvents(executionId: string, signal: AbortSignal): AsyncGenerator<ExecutionEvent> {
    for (let after = -1, complete = false; !complete; ) {
      const page = await eventPage(executionId, after, signal)
      for (const event of page.events) if ('executionId' in event) yield event
      complete = page.complete || page.events.length === 0
      after = page.next
    }
  }

  function execution(executionId: string, options: ExecutionOptions = {}): ExecutionStream {
    const source = {
      subscribe: hub.subscribe.bind(undefined, `execution:${executionId}`),
      readEvents: readEvents.bind(undefined, executionId),
    }
    return createExecutionStream(executionId, source, options)
  }

  return {
    get state() {
      return state
    },
    onState(callback) {
      stateListeners.add(callback)
      callback(state)
      return () => stateListeners.delete(callback)
    },
    connect: hub.connect,
    async agents({ signal } = {}) {
      const agents: Agent[] = []
      let after: string | undefined
      do {
        const query = after === undefined ? '' : `?after=${encodeURIComponent(after)}`
        const page = await http<AgentList>(`/v1/agents${query}`, { signal })
        agents.push(...page.agents)
        after = page.next
      } while (after !== undefined)
      return agents
    },
    agent: (agentId, { signal } = {}) => http(agentPath(agentId), { signal }),
    createAgent: (definition, { idempotencyKey = crypto.randomUUID(), signal } = {}) =>
      http('/v1/agents', { method: 'POST', body: definition, idempotencyKey, signal }),
    changeAgent: (agentId, verb, { policy, signal } = {}) =>
      verb === 'delete'
        ? http(agentPath(agentId), { method: 'DELETE', signal })
        : http(`${agentPath(agentId)}/${verb}`, { method: 'POST', ...(policy && { body: { policy } }), signal }),
    agentHealth: (agentId, { signal } = {}) => http(`${agentPath(agentId)}/health`, { signal }),
    async run(agentId, content, { idempotencyKey = crypto.randomUUID(), signal } = {}) {
      const body = { agentId, input: { content } }
      const accepted = await http<ExecutionAccepted>('/v1/executions', { method: 'POST', body, idempotencyKey, signal })
      return execution(accepted.executionId, signal ? { signal } : {})
    },
    execution,
    getExecution: (executionId, { position, signal } = {}) =>
      http(`${executionPath(executionId)}${position ? '?position=true' : ''}`, { signal }),
    executions: (agentId, { status, limit, after, signal } = {}) =>
      http(`/v1/executions?${queryOf({ agentId, status, limit, after })}`, { signal }),
    cancelExecution: (executionId, { signal } = {}) => http(`${executionPath(executionId)}/cancel`, { method: 'POST', signal }),
    retryExecution: (executionId, { idempotencyKey = crypto.randomUUID(), signal } = {}) =>
      http(`${executionPath(executionId)}/retry`, { method: 'POST', idempotencyKey, signal }),
    changePriority: (executionId, priority, { signal } = {}) =>
      http(`${executionPath(executionId)}/priority`, { method: 'POST', body: { priority }, signal }),
    topic: (topic, options = {}) => createTopicStream(topic, hub.subscribe.bind(undefined, `topic:${topic}`), options),
    publish: (topic, data, { idempotencyKey = crypto.randomUUID(), signal } = {}) =>
      http(`/v1/topics/${encodeURIComponent(topic)}/messages`, { method: 'POST', body: { data }, idempotencyKey, signal }),
    publishBatch: (topic, messages, { idempotencyKey = crypto.randomUUID(), signal } = {}) =>
      http(`/v1/topics/${encodeURIComponent(topic)}/messages/batch`, {
        method: 'POST',
        body: { messages },
        idempotencyKey,
        signal,
      }),
    send: (agentId, data, { idempotencyKey = crypto.randomUUID(), signal } = {}) =>
      http(`${agentPath(agentId)}/messages`, { method: 'POST', body: { data }, idempotencyKey, signal }),
    ...deadLetterCalls(http),
    close: hub.close,
  }
}

const executionPath = (executionId: string): string => `/v1/executions/${encodeURIComponent(executionId)}`

function queryOf(values: Record<string, string | number | undefined>): URLSearchParams {
  const given = Object.entries(values).filter(([, value]) => value !== undefined)
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)]))
}

const agentPath = (agentId: string): string => `/v1/agents/${encodeURIComponent(agentId)}`

function socketUrl(baseUrl: string): URL {
  const url = new URL('/socket', baseUrl)
  url.protocol = url.protocol === 'http:' ? 'ws:' : 'wss:'
  return url
}
