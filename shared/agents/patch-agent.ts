import { isDeepStrictEqual } from 'node:util'
import { timestamp } from '#shared/platform/clock.ts'
import { ConflictError, NotFoundError, SluiceError } from '#shared/platform/errors.ts'
import { mergePatch } from '#shared/platform/merge-patch.ts'
import { parse } from '#shared/platform/parse.ts'
import {
  type Agent,
  agentSchema,
  agentStateSchema,
  createAgentSchema,
  createRemoteAgentSchema,
  type LlmAgent,
  type RemoteAgent,
} from '#shared/protocol/agent.ts'
import { completeDefinition, withoutSupplied } from './complete-definition.ts'
import type { CreateAgentDependencies } from './create-agent.ts'
import { definitionOf } from './definition-of.ts'
import type { AgentKey } from './gate.ts'
import { refuseSecrets } from './refuse-secrets.ts'
import { requireConsistent } from './require-consistent.ts'

/** Looks at an agent that others keep changing. */
const ROUNDS = 5

/** A patched definition is checked as a new one is. */
const STATE_OF_NEW = { agentId: true, autoStart: true } as const
const llmSchema = createAgentSchema.omit({ ...STATE_OF_NEW, kind: true })
const remoteSchema = createRemoteAgentSchema.omit({ ...STATE_OF_NEW, kind: true })

export type PatchAgentOptions = {
  /** Whether the version that stands is one that the caller means; any is when absent. */
  isMeant?: ((version: number) => boolean) | undefined
}

/**
 * Changes an agent's definition by a JSON merge patch. Its version grows by one, unless nothing changes. What runs goes on with the definition it began with; workers notice the new one within seconds.
 *
 * @param patch - fields of the definition, null to take one away; `version` names the version that is meant
 * @throws NotFoundError; ConflictError when `version` is another, SluiceError `precondition_failed` when it is not meant, `invalid_state` for an agent
 *   in code, `secret_in_request`, and what {@link completeDefinition} throws; ValidationError
 */
export async function patchAgent(
  { agents, clock }: Pick<CreateAgentDependencies, 'agents' | 'clock'>,
  { tenant, agentId }: AgentKey,
  { version, ...patch }: Record<string, unknown> & { version?: number | undefined },
  { isMeant = () => true }: PatchAgentOptions = {},
): Promise<{ before: Agent; agent: Agent }> {
  refuseSecrets(patch)
  for (let round = 0; round < ROUNDS; round++) {
    const before = await agents.get(tenant, agentId)
    if (!before) throw new NotFoundError('agent', agentId)
    if (!isMeant(before.version))
      throw new SluiceError('precondition_failed', `the agent "${agentId}" is of version ${before.version} by now`)
    if (version !== undefined && version !== before.version)
      throw new ConflictError(`the agent "${agentId}" is of version ${before.version}, not ${version}: read it again`)
    const definition = patched(before, patch)
    if (isDeepStrictEqual(definition, definitionOf(before))) return { before, agent: before }
    const change = { version: before.version + 1, revision: before.revision + 1, updatedAt: timestamp(clock) }
    const agent = agentSchema.parse({ kind: before.kind, ...agentStateSchema.parse(before), ...definition, ...change })
    if ((await agents.replace(tenant, agent)) === 'replaced') return { before, agent }
  }
  throw new SluiceError('unavailable', `the agent "${agentId}" is being changed by others`)
}

/** The definition as the patch leaves it, complete and checked. */
function patched(agent: Agent, patch: Record<string, unknown>) {
  if (agent.kind === 'llm') return patchedLlm(agent, patch)
  if (agent.kind === 'remote') return patchedRemote(agent, patch)
  const told = `the agent "${agent.agentId}" is code, and so is its definition: change it there, and deploy`
  throw new SluiceError('invalid_state', told)
}

function patchedLlm(agent: LlmAgent, patch: Record<string, unknown>) {
  const merged = mergePatch(withoutSupplied(definitionOf(agent)), patch)
  return completeDefinition(parse(llmSchema, merged, 'agent that the patch makes'))
}

function patchedRemote(agent: RemoteAgent, patch: Record<string, unknown>) {
  const definition = parse(remoteSchema, mergePatch(definitionOf(agent), patch), 'agent that the patch makes')
  requireConsistent(definition)
  return { ...definition, topics: [...new Set(definition.topics)] }
}
