import type { Log } from '#shared/platform/log.ts'
import type { AgentStore } from './agent-store.ts'

/** The agents in code of a deployment. */
export type DeclaredAgents = {
  tenant: string
  agentIds: readonly string[]
  /** Names the build. */
  deployment: string
}

export type FollowDependencies = {
  agents: AgentStore
  /** Has the function of each agent register it: it alone knows what its code says. */
  workQueue: { register(item: { tenant: string; agentId: string; register: true }): Promise<void> }
  logger: Log
}

/**
 * Has every agent in code registered whose record is missing or of another deployment. An id that belongs to an agent of another kind is left
 * alone; an agent that cannot be asked delays no other.
 *
 * @returns ids of those that were asked
 */
export async function followDeployment(
  { agents, workQueue, logger }: FollowDependencies,
  { tenant, agentIds, deployment }: DeclaredAgents,
): Promise<string[]> {
  const follow = async (agentId: string): Promise<string[]> => {
    const agent = await agents.get(tenant, agentId)
    if (agent && agent.kind !== 'function') {
      logger.error('agent_id_taken', { tenant, agentId })
      return []
    }
    if (agent?.deployment === deployment) return []
    await workQueue.register({ tenant, agentId, register: true })
    return [agentId]
  }
  const asked = await Promise.all(
    agentIds.map((agentId) =>
      follow(agentId).catch((error: unknown) => {
        logger.error('agent_not_registered', { tenant, agentId, error })
        return []
      }),
    ),
  )
  return asked.flat()
}
