import { isDeepStrictEqual } from 'node:util'
import type { Principal } from '#shared/access/principal.ts'
import { type Clock, timestamp } from '#shared/platform/clock.ts'
import { ConflictError, SluiceError } from '#shared/platform/errors.ts'
import { derivedId, newId } from '#shared/platform/ids.ts'
import type { Agent, CreateAgent, CreateRemoteAgent } from '#shared/protocol/agent.ts'
import type { AgentStore } from './agent-store.ts'
import { completeDefinition } from './complete-definition.ts'
import { definitionOf } from './definition-of.ts'
import { refuseSecrets } from './refuse-secrets.ts'
import { requireConsistent } from './require-consistent.ts'

export type CreateAgentDependencies = {
  agents: AgentStore
  clock: Clock
  /** Most agents of a tenant. */
  maxAgentsPerTenant: number
  /** Asked before an agent starts at once. @throws SecretNotFoundError when its model has no key */
  requireKeys?: ((tenant: string, agent: Agent) => Promise<void>) | undefined
}

/**
 * Registers an agent. It is `created` and its messages wait until it is started, unless it starts at once. Its id is the caller's choice, or follows from the idempotency key, or is new.
 *
 * @param options.idempotencyKey - makes the call repeatable: the same definition gives the agent of the first call
 * @throws ConflictError when the id is taken, or the key was used for another definition; SluiceError `secret_in_request`, `quota_exceeded`, and
 *   what {@link completeDefinition} throws
 */
export async function createAgent(
  { agents, clock, maxAgentsPerTenant, requireKeys }: CreateAgentDependencies,
  principal: Principal,
  request: CreateAgent | CreateRemoteAgent,
  { idempotencyKey }: { idempotencyKey?: string | undefined } = {},
): Promise<Agent> {
  refuseSecrets(request)
  const { tenant, subject } = principal
  const { agentId = idempotencyKey === undefined ? newId() : derivedId('agent', tenant, subject, idempotencyKey) } = request
  const now = timestamp(clock)
  const agent: Agent = {
    agentId,
    ...definedBy(request),
    status: request.autoStart ? 'running' : 'created',
    health: 'unknown',
    version: 1,
    revision: 1,
    createdAt: now,
    updatedAt: now,
  }
  if (request.autoStart) await requireKeys?.(tenant, agent)
  const result = await agents.create(tenant, agent, maxAgentsPerTenant)
  if (result === 'created') return agent

  const existing = idempotencyKey === undefined ? undefined : await agents.get(tenant, agentId)
  if (existing && isDeepStrictEqual(definitionOf(existing), definitionOf(agent))) return existing
  if (existing) throw new ConflictError('the idempotency key or the id was used for another agent')
  if (result === 'exists') throw new ConflictError(`the agent id "${agentId}" is taken`)
  throw new SluiceError(
    'quota_exceeded',
    `there are ${maxAgentsPerTenant} agents, as many as a tenant may have: delete one first`,
  )
}

/** The kind, and all that the caller decides. */
function definedBy(request: CreateAgent | CreateRemoteAgent) {
  const { agentId: _, autoStart: __, kind, ...given } = request
  if (!('endpoint' in given)) return { kind: 'llm' as const, ...completeDefinition(given) }
  requireConsistent(given)
  return { kind: 'remote' as const, ...given, topics: [...new Set(given.topics)] }
}
