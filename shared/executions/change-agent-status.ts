import type { AgentKey } from '#shared/agents/gate.ts'
import { NotFoundError, SluiceError } from '#shared/platform/errors.ts'
import type { Agent, StopPolicy } from '#shared/protocol/agent.ts'
import { type AgentVerb, allowedVerbs } from '#shared/protocol/agent-lifecycle.ts'
import { type LifecycleDependencies, settleAgent, takeStep } from './settle-agent.ts'

/** How long one call works on what a verb brings with it, in milliseconds; the sweeper goes on. */
const SETTLE_MS = 10_000

export type AgentVerbOptions = {
  /** What `stop` does with executions: those that run may end (`drain`, as when absent) and the others wait, or all are cancelled. */
  policy?: StopPolicy | undefined
}

/**
 * Starts, pauses, resumes, stops or deletes an agent. The intent is stored first, with the gate, in one write on condition of the status; what it
 * brings with it (withdrawing, admitting, cancelling) follows, and is made up for by the sweeper after a crash. Deleting lets running
 * executions end and cancels those that wait; the id is free again when the agent is gone.
 *
 * @returns the agent as it stands, which may still be `starting` or `stopping`; undefined when it is gone
 * @throws NotFoundError, SluiceError `invalid_state` naming the verbs that are possible; SecretNotFoundError when its model has no key
 */
export async function changeAgentStatus(
  dependencies: LifecycleDependencies,
  key: AgentKey,
  verb: AgentVerb,
  { policy = 'drain' }: AgentVerbOptions = {},
): Promise<Agent | undefined> {
  if (verb === 'start') await requireUsable(dependencies, key)
  const changed = await takeStep(dependencies, key, verb, verb === 'stop' ? { stopPolicy: policy } : {})
  if (changed.result === 'missing') throw new NotFoundError('agent', key.agentId)
  if (changed.result === 'refused') throw wrongOrder(changed.agent)
  return settleAgent(dependencies, key, changed.agent, AbortSignal.timeout(SETTLE_MS))
}

/** What is not there is told by the step itself. */
async function requireUsable({ agents, requireKeys }: LifecycleDependencies, { tenant, agentId }: AgentKey): Promise<void> {
  const agent = requireKeys && (await agents.get(tenant, agentId))
  if (agent) await requireKeys(tenant, agent)
}

function wrongOrder({ agentId, status }: Agent): SluiceError {
  const possible = allowedVerbs(status).join(', ')
  return new SluiceError('invalid_state', `the agent "${agentId}" is ${status}; possible are: ${possible || 'none'}`)
}
