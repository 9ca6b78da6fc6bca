import { agentIdOf, CAPABILITY, DOMAIN, executionIdOf, TOPIC } from './fill.ts'

export type Call = { name: string; path: string; query?: Record<string, string> }

/** What is measured; `size` is how many agents and executions there are. */
export const callsOf = (size: number): Call[] => [
  { name: 'get an agent', path: `/v1/agents/${agentIdOf(size - 1)}` },
  { name: 'agents, 50', path: '/v1/agents', query: { limit: '50' } },
  { name: 'agents of a domain, 50', path: '/v1/agents', query: { domain: DOMAIN, limit: '50' } },
  { name: 'agents with a capability, 50', path: '/v1/agents', query: { capability: CAPABILITY, limit: '50' } },
  { name: 'agents that run, 50', path: '/v1/agents', query: { status: 'running', limit: '50' } },
  { name: 'get an execution', path: `/v1/executions/${executionIdOf(size - 1)}` },
  { name: 'executions, 20', path: '/v1/executions', query: { limit: '20' } },
  { name: 'executions of an agent, 20', path: '/v1/executions', query: { agentId: agentIdOf(0), limit: '20' } },
  { name: 'executions of a topic, 20', path: '/v1/executions', query: { topic: TOPIC, limit: '20' } },
  { name: 'executions that failed, 20', path: '/v1/executions', query: { status: 'failed', limit: '20' } },
]
