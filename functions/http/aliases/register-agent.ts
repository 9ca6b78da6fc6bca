import type { Principal } from '#shared/access/principal.ts'
import { createAgent } from '#shared/agents/create-agent.ts'
import { patchAgent } from '#shared/agents/patch-agent.ts'
import { ConflictError } from '#shared/platform/errors.ts'
import { parse } from '#shared/platform/parse.ts'
import { type Agent, newAgentSchema } from '#shared/protocol/agent.ts'
import type { HttpDependencies } from '../dependencies.ts'
import { activate } from './activate.ts'

/** What a registration says of an agent. */
export type Registration = {
  kind: 'llm' | 'remote'
  agentId: string
  /** Fields of the definition; what is undefined is not said. */
  definition: Record<string, unknown>
  /** What a new agent has where the registration does not say it. */
  ofNew(): Record<string, unknown>
}

/**
 * Makes the registry say what a registration says, and has the agent take work at once: a new agent is created, one that is there is patched. Only
 * aliases register like this; `POST /v1/agents` never changes an agent.
 *
 * @throws ConflictError when the id belongs to an agent of another kind; what `createAgent`, `patchAgent` and `changeAgentStatus` throw
 */
export async function registerAgent(
  dependencies: HttpDependencies,
  principal: Principal,
  { kind, agentId, definition, ofNew }: Registration,
): Promise<{ before?: Agent; agent: Agent }> {
  const key = { tenant: principal.tenant, agentId }
  const said = Object.fromEntries(Object.entries(definition).filter(([, value]) => value !== undefined))
  const find = () => dependencies.agents.get(key.tenant, agentId)
  let standing = await find()
  if (!standing) {
    const request = parse(newAgentSchema, { kind, agentId, autoStart: true, ...ofNew(), ...said }, 'request body')
    try {
      return { agent: await createAgent(dependencies, principal, request) }
    } catch (error) {
      // Somebody else registers it at the same time.
      standing = error instanceof ConflictError ? await find() : undefined
      if (!standing) throw error
    }
  }
  if (standing.kind !== kind)
    throw new ConflictError(`the agent id "${agentId}" belongs to an agent of the kind "${standing.kind}"`)
  const { before, agent } = await patchAgent(dependencies, key, said)
  return { before, agent: await activate(dependencies, key, agent) }
}
