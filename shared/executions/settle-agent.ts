import type { AgentStore } from '#shared/agents/agent-store.ts'
import type { AgentKey } from '#shared/agents/gate.ts'
import { timestamp } from '#shared/platform/clock.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import { AGENT_LIFECYCLE } from '#shared/protocol/agent-lifecycle.ts'
import { admitNext } from './admit-next.ts'
import { type CancelDependencies, cancelUnlessEnded } from './cancel-execution.ts'
import { cancelWaiting } from './cancel-waiting.ts'
import { STOPPED } from './end-queued.ts'
import type { RequireKeys } from './require-keys.ts'
import { withdrawAdmitted } from './withdraw-admitted.ts'

export type LifecycleDependencies = CancelDependencies & {
  agents: AgentStore
  /** Asked before an agent starts; absent where nobody starts any. */
  requireKeys?: RequireKeys | undefined
}

/**
 * Does what an agent's status asks for, and takes the steps that lead on from a passing one. Repeatable, so whoever stopped in the middle is
 * made up for by the next call.
 *
 * @param agent - as it was read just now
 * @param signal - ends it between two executions; the next call goes on
 * @returns the agent as it stands; undefined when it is gone
 */
export async function settleAgent(
  dependencies: LifecycleDependencies,
  key: AgentKey,
  agent: Agent,
  signal: AbortSignal,
): Promise<Agent | undefined> {
  switch (agent.status) {
    case 'starting':
      return arrive(dependencies, key, agent, 'started', signal)
    case 'running':
      await admitNext(dependencies, key)
      return agent
    case 'paused':
      await withdrawAdmitted(dependencies, key)
      return agent
    case 'stopping':
      return settleStopping(dependencies, key, agent, signal)
    default:
      return agent
  }
}

/** Takes one arrow of the state machine; the gate is open for those that run. */
export function takeStep(
  { agents, clock }: Pick<LifecycleDependencies, 'agents' | 'clock'>,
  key: AgentKey,
  step: keyof typeof AGENT_LIFECYCLE,
  options: { revision?: number; stopPolicy?: Agent['stopPolicy'] } = {},
): ReturnType<AgentStore['changeStatus']> {
  const { from, to, desiredStatus } = AGENT_LIFECYCLE[step]
  // The sweeper looks whether what the status asks for was done; who has stopped has nothing left to do.
  const dueAt = to === 'stopped' ? undefined : clock.now()
  return agents.changeStatus(key, { from, to, open: to === 'running', desiredStatus, dueAt, at: timestamp(clock), ...options })
}

/** The step out of a passing status, unless somebody has changed the agent meanwhile. */
async function arrive(
  dependencies: LifecycleDependencies,
  key: AgentKey,
  { revision }: Agent,
  step: 'started' | 'stopped',
  signal: AbortSignal,
): Promise<Agent | undefined> {
  const changed = await takeStep(dependencies, key, step, { revision })
  if (changed.result === 'missing') return undefined
  return changed.result === 'changed' ? settleAgent(dependencies, key, changed.agent, signal) : changed.agent
}

async function settleStopping(
  dependencies: LifecycleDependencies,
  key: AgentKey,
  agent: Agent,
  signal: AbortSignal,
): Promise<Agent | undefined> {
  const { agents, admission } = dependencies
  const deleting = agent.desiredStatus === 'deleted'
  const reason = deleting ? 'the agent was deleted' : STOPPED.detail
  const cancelling = agent.stopPolicy === 'cancel'
  await withdrawAdmitted(dependencies, key)
  if (cancelling) await cancelActive(dependencies, key, reason, signal)
  if (cancelling || deleting) await cancelWaiting(dependencies, key, reason, signal)
  // What did not fit into the time is left to the next call.
  if (signal.aborted) return agent
  if (deleting) return (await agents.remove(key)) === 'busy' ? agent : undefined
  const gate = await admission.gate(key)
  return gate && gate.active.length > 0 ? agent : arrive(dependencies, key, agent, 'stopped', signal)
}

async function cancelActive(
  dependencies: LifecycleDependencies,
  key: AgentKey,
  reason: string,
  signal: AbortSignal,
): Promise<void> {
  const gate = await dependencies.admission.gate(key)
  for (const executionId of gate?.active ?? []) {
    if (signal.aborted) return
    // The slot of one that was never there is repaired.
    await cancelUnlessEnded(dependencies, { tenant: key.tenant, executionId }, reason)
  }
}
