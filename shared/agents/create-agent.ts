import { isDeepStrictEqual } from 'node:util'
import type { Principal } from '#shared/access/principal.ts'
import { type Clock, timestamp } from '#shared/platform/clock.ts'
import { ConflictError, ValidationError } from '#shared/platform/errors.ts'
import { derivedId, newId } from '#shared/platform/ids.ts'
import type { Agent, LlmAgent, NewAgent, RemoteAgent } from '#shared/protocol/agent.ts'
import type { AgentStore } from './agent-store.ts'

export type CreateAgentDependencies = { agents: AgentStore; clock: Clock }

/**
 * Registers an agent. It is `created` and its messages wait until it is started, unless it starts at once. Its id is the caller's choice, or follows from the idempotency key, or is new.
 *
 * @param options.idempotencyKey - makes the call repeatable: the same definition gives the agent of the first call
 * @throws ValidationError for a filter of a topic that it does not subscribe to, ConflictError when the id is taken, or the key was used for
 *   another definition
 */
export async function createAgent(
  { agents, clock }: CreateAgentDependencies,
  principal: Principal,
  request: NewAgent,
  { idempotencyKey }: { idempotencyKey?: string | undefined } = {},
): Promise<Agent> {
  const { tenant, subject } = principal
  expectFiltersOfTopics(request)
  const now = timestamp(clock)
  const agent: Agent = {
    agentId: request.agentId ?? (idempotencyKey === undefined ? newId() : derivedId('agent', tenant, subject, idempotencyKey)),
    ...definitionOf(request),
    status: request.autoStart ? 'running' : 'created',
    health: 'unknown',
    version: 1,
    revision: 1,
    createdAt: now,
    updatedAt: now,
  }
  if ((await agents.create(tenant, agent)) === 'created') return agent

  const existing = idempotencyKey === undefined ? undefined : await agents.get(tenant, agent.agentId)
  if (existing && existing.kind !== 'function' && isDeepStrictEqual(definitionOf(existing), definitionOf(request)))
    return existing
  throw new ConflictError(
    existing ? 'the idempotency key or the id was used for another agent' : `the agent id "${agent.agentId}" is taken`,
  )
}

/** What the caller decides about an agent. A topic named twice is one subscription. */
function definitionOf(definition: NewAgent | LlmAgent | RemoteAgent) {
  const { name, description, topics, filters, maxConcurrency, maxQueue, timeoutSeconds, retry } = definition
  const work = { name, description, topics: [...new Set(topics)], filters, maxConcurrency, maxQueue, timeoutSeconds, retry }
  if (definition.kind === 'remote') return { kind: definition.kind, ...work, endpoint: definition.endpoint }
  return { kind: 'llm' as const, ...work, llm: definition.llm, prompts: definition.prompts }
}

function expectFiltersOfTopics({ topics, filters = {} }: NewAgent): void {
  const foreign = Object.keys(filters).filter((topic) => !topics.includes(topic))
  if (foreign.length === 0) return
  const fields = foreign.map((topic) => ({ path: `filters.${topic}`, message: 'the agent does not subscribe to this topic' }))
  throw new ValidationError(`a filter is for a topic that the agent does not subscribe to: ${foreign.join(', ')}`, fields)
}
