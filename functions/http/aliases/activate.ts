import type { AgentKey } from '#shared/agents/gate.ts'
import { changeAgentStatus } from '#shared/executions/change-agent-status.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import { type AgentVerb, allowedVerbs } from '#shared/protocol/agent-lifecycle.ts'
import type { HttpDependencies } from '../dependencies.ts'

/** What brings an agent from its status to running; nothing does that runs already, or is on its way. */
const verbOf = ({ status, desiredStatus }: Agent): AgentVerb | undefined => {
  if (status === 'running' || desiredStatus === 'running') return undefined
  return allowedVerbs(status).includes('resume') ? 'resume' : 'start'
}

/**
 * Has an agent take work, whatever it did before: where others say "registered" or "start", they mean that it is active afterwards.
 *
 * @throws what `changeAgentStatus` throws
 */
export async function activate(dependencies: HttpDependencies, key: AgentKey, agent: Agent): Promise<Agent> {
  const verb = verbOf(agent)
  return (verb && (await changeAgentStatus(dependencies, key, verb))) ?? agent
}
