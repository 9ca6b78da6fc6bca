import type { AgentStore } from '#shared/agents/agent-store.ts'
import type { LlmProviders } from '#shared/llm/llm-providers.ts'
import type { ProbeItem } from '#shared/messaging/work-queue.ts'
import { type Clock, timestamp } from '#shared/platform/clock.ts'
import { toSluiceError } from '#shared/platform/errors.ts'
import type { Log } from '#shared/platform/log.ts'
import { unlessAborted } from '#shared/platform/unless-aborted.ts'
import type { Agent } from '#shared/protocol/agent.ts'

export type HealthDependencies = {
  agents: AgentStore
  /** For agents that have a model. */
  providers?: LlmProviders | undefined
  clock: Clock
  logger: Log
}

/** How long opening a provider may take, in milliseconds. */
const DEADLINE_MS = 3_000

/**
 * Checks an agent's health where its work is done, without asking a model: the provider's key can be read and fits. For an agent with code of its
 * own that names no model the question itself is the check: its function was there to take it.
 */
export async function checkAgentHealth(
  { agents, providers, clock, logger }: HealthDependencies,
  { tenant, agentId }: ProbeItem,
): Promise<void> {
  const agent = await agents.get(tenant, agentId)
  if (!agent) return
  const { health, detail } = await examine(tenant, agent, providers)
  await agents.setHealth({ tenant, agentId }, { health, detail, at: timestamp(clock) })
  if (health === 'unhealthy') logger.warn('agent_unhealthy', { tenant, agentId, detail })
}

async function examine(
  tenant: string,
  agent: Agent,
  providers: LlmProviders | undefined,
): Promise<Pick<Agent, 'health'> & { detail: string }> {
  // Its service is elsewhere: nothing of it runs here.
  if (agent.kind === 'remote') return { health: 'unknown', detail: 'its service is not asked' }
  const { llm } = agent
  if (!llm) return { health: 'healthy', detail: 'its function answered' }
  if (!providers) return { health: 'unhealthy', detail: 'this function has no model providers' }
  const { provider } = llm
  const deadline = AbortSignal.timeout(DEADLINE_MS)
  try {
    // Its own model must work: that others would stand in for it does not make it healthy.
    await unlessAborted(providers.open({ ...llm, fallbacks: undefined }, { tenant, agentId: agent.agentId }), deadline)
    return { health: 'healthy', detail: `the provider "${provider}" can be used` }
  } catch (thrown) {
    if (deadline.aborted) return { health: 'unhealthy', detail: `the provider "${provider}" was not ready in ${DEADLINE_MS} ms` }
    const { code, expose, message } = toSluiceError(thrown)
    // Foreign errors may quote what they read.
    return {
      health: 'unhealthy',
      detail: expose ? `${code}: ${message}` : `${code}: the provider "${provider}" cannot be opened`,
    }
  }
}
