import type { Agent, AgentStatus } from './agent.ts'

/** What can be done to an agent. */
export const AGENT_VERBS = ['start', 'pause', 'resume', 'stop', 'delete'] as const

export type AgentVerb = (typeof AGENT_VERBS)[number]

/** One arrow of the state machine: where it may begin and where it leads. */
type Step = { from: readonly AgentStatus[]; to: AgentStatus; desiredStatus?: NonNullable<Agent['desiredStatus']> }

/**
 * The state machine of agents. A verb that takes time leads to a passing status, `starting` or `stopping`, which says where it is going;
 * `started` and `stopped` are the platform's own steps, when it is there. A deleted agent is gone: it has no status any more.
 */
export const AGENT_LIFECYCLE: Readonly<Record<AgentVerb | 'started' | 'stopped', Step>> = {
  start: { from: ['created', 'stopped', 'failed'], to: 'starting', desiredStatus: 'running' },
  started: { from: ['starting'], to: 'running' },
  pause: { from: ['running'], to: 'paused' },
  resume: { from: ['paused'], to: 'running' },
  stop: { from: ['running', 'paused', 'starting'], to: 'stopping', desiredStatus: 'stopped' },
  stopped: { from: ['stopping'], to: 'stopped' },
  delete: {
    from: ['created', 'starting', 'running', 'paused', 'stopping', 'stopped', 'failed'],
    to: 'stopping',
    desiredStatus: 'deleted',
  },
}

/** What can be done to an agent in this status. */
export const allowedVerbs = (status: AgentStatus): AgentVerb[] =>
  AGENT_VERBS.filter((verb) => AGENT_LIFECYCLE[verb].from.includes(status))
