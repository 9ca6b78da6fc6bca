import type { Agent, AgentDefinition, AgentList, StopPolicy } from '#shared/protocol/agent.ts'
import type { AgentHealth } from '#shared/protocol/agent-health.ts'
import type { AgentVerb } from '#shared/protocol/agent-lifecycle.ts'
import type { BatchResult, PublishMessage } from '#shared/protocol/envelope.ts'
import type { Execution, ExecutionAccepted, ExecutionList, ExecutionStatus } from '#shared/protocol/execution.ts'
import { type DeadLetterCalls, deadLetterCalls } from './dead-letters.ts'
import type { HttpCaller } from './http.ts'

export interface CallOptions {
  signal?: AbortSignal
}

export interface RepeatableOptions extends CallOptions {
  /** Repeating a call with the same key gives the same answer. A random one when absent. */
  idempotencyKey?: string
}

export interface VerbOptions extends CallOptions {
  /** What `stop` does with executions: let the running ones end (`drain`, when absent), or cancel all of them. */
  policy?: StopPolicy
}

export interface ExecutionQuery extends CallOptions {
  /** Executions in this status only; and so for all others. */
  status?: ExecutionStatus
  topic?: string
  correlationId?: string
  /** Made from this time on (RFC 3339), and before that one. */
  from?: string
  to?: string
  /** Size of the page. */
  limit?: number
  /** The `next` of the page before. */
  after?: string
}

export interface LookOptions extends CallOptions {
  /** Also say where it stands in its agent's queue, while it waits there. */
  position?: boolean
}

/** Calls with one answer, over HTTP. */
export interface Calls extends DeadLetterCalls {
  /** All agents of the tenant. */
  agents(options?: CallOptions): Promise<Agent[]>
  agent(agentId: string, options?: CallOptions): Promise<Agent>
  /** Registers an agent; the same one, however often it is sent with the same key. */
  createAgent(definition: AgentDefinition, options?: RepeatableOptions): Promise<Agent>
  /** Starts, pauses, resumes, stops or deletes an agent. The agent may still be on its way; undefined once it is gone. */
  changeAgent(agentId: string, verb: AgentVerb, options?: VerbOptions): Promise<Agent | undefined>
  agentHealth(agentId: string, options?: CallOptions): Promise<AgentHealth>
  /** The execution as it stands now. */
  getExecution(executionId: string, options?: LookOptions): Promise<Execution>
  /** A page of executions, of one agent or of all, the newest first. */
  executions(agentId: string | undefined, options?: ExecutionQuery): Promise<ExecutionList>
  /** Cancels an execution. One that runs is `running` until its worker has stopped. */
  cancelExecution(executionId: string, options?: CallOptions): Promise<Execution>
  /** Does an execution that came to nothing again, as a new one; the same new one, however often it is asked for with the same key. */
  retryExecution(executionId: string, options?: RepeatableOptions): Promise<ExecutionAccepted>
  /** Moves an execution that waits to another priority, 1 (low) to 10 (high). */
  changePriority(executionId: string, priority: number, options?: CallOptions): Promise<Execution>
  /** Publishes a message with this `data`; it is taken once, however often it is sent with the same key. */
  publish(topic: string, data: unknown, options?: RepeatableOptions): Promise<{ messageId: string; topic: string }>
  /** Publishes up to 100 messages, each by itself; says of each, in their order, its id or why it was refused. */
  publishBatch(topic: string, messages: readonly PublishMessage[], options?: RepeatableOptions): Promise<BatchResult>
  /** Sends a message with this `data` to one agent, whatever its topics; says which execution comes of it. */
  send(
    agentId: string,
    data: unknown,
    options?: RepeatableOptions,
  ): Promise<{ messageId: string; agentId: string; executionId: string }>
}

export function createCalls(http: HttpCaller): Calls {
  return {
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
    createAgent: (body, options) => post('/v1/agents', body, options),
    changeAgent: (agentId, verb, { policy, signal } = {}) =>
      verb === 'delete'
        ? http(agentPath(agentId), { method: 'DELETE', signal })
        : http(`${agentPath(agentId)}/${verb}`, { method: 'POST', ...(policy && { body: { policy } }), signal }),
    agentHealth: (agentId, { signal } = {}) => http(`${agentPath(agentId)}/health`, { signal }),
    getExecution: (executionId, { position, signal } = {}) =>
      http(`${executionPath(executionId)}${position ? '?position=true' : ''}`, { signal }),
    executions: (agentId, { signal, ...query } = {}) => http(`/v1/executions?${queryOf({ agentId, ...query })}`, { signal }),
    cancelExecution: (executionId, { signal } = {}) => http(`${executionPath(executionId)}/cancel`, { method: 'POST', signal }),
    retryExecution: (executionId, options) => post(`${executionPath(executionId)}/retry`, undefined, options),
    changePriority: (executionId, priority, { signal } = {}) =>
      http(`${executionPath(executionId)}/priority`, { method: 'POST', body: { priority }, signal }),
    publish: (topic, data, options) => post(`${topicPath(topic)}/messages`, { data }, options),
    publishBatch: (topic, messages, options) => post(`${topicPath(topic)}/messages/batch`, { messages }, options),
    send: (agentId, data, options) => post(`${agentPath(agentId)}/messages`, { data }, options),
    ...deadLetterCalls(http),
  }

  function post<Answer>(path: string, body: unknown, options: RepeatableOptions = {}): Promise<Answer> {
    const { idempotencyKey = crypto.randomUUID(), signal } = options
    return http(path, { method: 'POST', body, idempotencyKey, signal })
  }
}

const executionPath = (executionId: string): string => `/v1/executions/${encodeURIComponent(executionId)}`

const agentPath = (agentId: string): string => `/v1/agents/${encodeURIComponent(agentId)}`

const topicPath = (topic: string): string => `/v1/topics/${encodeURIComponent(topic)}`

function queryOf(values: Record<string, string | number | undefined>): URLSearchParams {
  const given = Object.entries(values).filter(([, value]) => value !== undefined)
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)]))
}
