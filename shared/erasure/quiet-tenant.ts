import { changeAgentStatus } from '#shared/executions/change-agent-status.ts'
import type { LifecycleDependencies } from '#shared/executions/settle-agent.ts'
import { toSluiceError } from '#shared/platform/errors.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import type { ConnectionPoster } from '#shared/streams/connection-poster.ts'
import type { PresenceStore } from '#shared/streams/presence-store.ts'

export type QuietDependencies = LifecycleDependencies & {
  presence: Pick<PresenceStore, 'connections' | 'leave'>
  poster: ConnectionPoster
}

const AGENTS_PAGE = 100

/**
 * Stops the agents of a tenant, with what they run and what waits for them, and closes its connections. Repeatable.
 *
 * @returns whether nothing runs any more
 */
export async function quietTenant(dependencies: QuietDependencies, tenant: string, signal: AbortSignal): Promise<boolean> {
  await closeConnections(dependencies, tenant, signal)
  let isQuiet = true
  let after: string | undefined
  do {
    const { agents, next } = await dependencies.agents.list(tenant, { limit: AGENTS_PAGE, after })
    for (const agent of agents) {
      if (signal.aborted) return false
      const hasStopped = await stopAgent(dependencies, tenant, agent)
      isQuiet &&= hasStopped
    }
    after = next
  } while (after !== undefined)
  return isQuiet
}

/** Whoever is counted is uncounted here: the change that tells of it finds nothing to take off when the items are gone. */
async function closeConnections({ presence, poster }: QuietDependencies, tenant: string, signal: AbortSignal): Promise<void> {
  for await (const connectionIds of presence.connections(tenant)) {
    for (const connectionId of connectionIds) {
      if (signal.aborted) return
      await poster.close(connectionId)
      await presence.leave({ tenant, connectionId })
    }
  }
}

/** @returns whether nobody works for it */
async function stopAgent(dependencies: QuietDependencies, tenant: string, { agentId }: Agent): Promise<boolean> {
  const key = { tenant, agentId }
  try {
    await changeAgentStatus(dependencies, key, 'stop', { policy: 'cancel' })
  } catch (error) {
    // It has stopped, is stopping, or is gone.
    if (!['invalid_state', 'not_found'].includes(toSluiceError(error).code)) throw error
  }
  const gate = await dependencies.admission.gate(key)
  return gate === undefined || gate.active.length === 0
}
