import { isDeepStrictEqual } from 'node:util'
import type { Principal } from '#shared/access/principal.ts'
import { type Clock, timestamp } from '#shared/platform/clock.ts'
import { ConflictError } from '#shared/platform/errors.ts'
import { derivedId, newId } from '#shared/platform/ids.ts'
import type { Agent, CreateAgent } from '#shared/protocol/agent.ts'
import type { AgentStore } from './agent-store.ts'

export type CreateAgentDependencies = { agents: AgentStore; clock: Clock }

/**
 * Registers an agent, ready to run. Its id is the caller's choice, or follows from the idempotency key, or is new.
 *
 * @param options.idempotencyKey - makes the call repeatable: the same definition gives the agent of the first call
 * @throws ConflictError when the id is taken, or the key was used for another definition
 */
export async function createAgent(
  { agents, clock }: CreateAgentDependencies,
  principal: Principal,
  request: CreateAgent,
  { idempotencyKey }: { idempotencyKey?: string | undefined } = {},
): Promise<Agent> {
  const { tenant, subject } = principal
  const now = timestamp(clock)
  const agent: Agent = {
    agentId: request.agentId ?? (idempotencyKey === undefined ? newId() : derivedId('agent', tenant, subject, idempotencyKey)),
    ...definitionOf(request),
    kind: 'llm',
    status: 'running',
    health: 'unknown',
    version: 1,
    createdAt: now,
    updatedAt: now,
  }
  if ((await agents.create(tenant, agent)) === 'created') return agent

  const existing = idempotencyKey === undefined ? undefined : await agents.get(tenant, agent.agentId)
  if (existing && isDeepStrictEqual(definitionOf(existing), definitionOf(agent))) return existing
  throw new ConflictError(
    existing ? 'the idempotency key or the id was used for another agent' : `the agent id "${agent.agentId}" is taken`,
  )
}

/** What the caller decides about an agent. A topic named twice is one subscription. */
function definitionOf({ name, description, topics, llm, prompts }: CreateAgent | Agent) {
  return { name, description, topics: [...new Set(topics)], llm, prompts }
}
