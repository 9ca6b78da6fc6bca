import type { AgentMetrics, Overview, Usage } from '#shared/protocol/metrics.ts'
import type { QueueList } from '#shared/protocol/queue.ts'
import type { CallOptions } from './calls.ts'
import type { HttpCaller } from './http.ts'

export interface RangeOptions extends CallOptions {
  /** RFC 3339; the last day, or the last 30 days, when absent. */
  from?: string | undefined
  to?: string | undefined
}

export interface FigureCalls {
  /** How an agent did, by hour (31 days at the most) or by day (400). */
  agentMetrics(agentId: string, options?: RangeOptions & { step?: AgentMetrics['step'] | undefined }): Promise<AgentMetrics>
  /** Executions and tokens of the tenant; 92 days at the most, 31 by agent. */
  usage(options?: RangeOptions & { by?: Usage['by'] | undefined }): Promise<Usage>
  /** How the tenant stands. */
  overview(options?: CallOptions): Promise<Overview>
  /** Queues of the stage, and about how many messages are in each. */
  queues(options?: CallOptions): Promise<QueueList>
}

export function figureCalls(http: HttpCaller): FigureCalls {
  return {
    agentMetrics: (agentId, { signal, ...query } = {}) =>
      http(`/v1/agents/${encodeURIComponent(agentId)}/metrics?${queryOf(query)}`, { signal }),
    usage: ({ signal, ...query } = {}) => http(`/v1/usage?${queryOf(query)}`, { signal }),
    overview: ({ signal } = {}) => http('/v1/metrics/overview', { signal }),
    queues: ({ signal } = {}) => http('/v1/queues', { signal }),
  }
}

const queryOf = (query: Record<string, string | undefined>): URLSearchParams =>
  new URLSearchParams(Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
