import { isDeepStrictEqual } from 'node:util'
import { type Clock, timestamp } from '#shared/platform/clock.ts'
import { ConflictError, SluiceError } from '#shared/platform/errors.ts'
import type { FunctionAgent } from '#shared/protocol/agent.ts'
import { definitionSchemas, type FunctionDefinition } from '#shared/protocol/agent-definition.ts'
import type { AgentStore } from './agent-store.ts'
import { definitionOf } from './definition-of.ts'

/** What the code of an agent says of itself. */
export type Declaration = FunctionDefinition & Pick<FunctionAgent, 'agentId'>

export type RegisterDependencies = { agents: AgentStore; clock: Clock }

/** Looks at an agent that others keep changing. */
const ROUNDS = 5

/**
 * Makes the registry say what a deployment's code says. A new agent runs at once; one that is there keeps its status, its health and what
 * waits for it. Repeatable.
 *
 * @param deployment - names the build; the same one changes nothing
 * @throws ConflictError when the id belongs to an agent that is not in code
 */
export async function registerDeclaredAgent(
  { agents, clock }: RegisterDependencies,
  tenant: string,
  declaration: Declaration,
  deployment: string,
): Promise<'created' | 'replaced' | 'unchanged'> {
  const { agentId, ...said } = declaration
  const definition = definitionSchemas.function.parse(said)
  for (let round = 0; round < ROUNDS; round++) {
    const standing = await agents.get(tenant, agentId)
    const at = timestamp(clock)
    if (!standing) {
      const state = { status: 'running', health: 'unknown', version: 1, revision: 1, createdAt: at, updatedAt: at } as const
      const created = await agents.create(tenant, { kind: 'function', agentId, ...definition, deployment, ...state })
      if (created === 'created') return 'created'
      continue
    }
    if (standing.kind !== 'function') throw new ConflictError(`the agent id "${agentId}" belongs to an agent that is not in code`)
    if (standing.deployment === deployment) return 'unchanged'
    const { status, health, createdAt } = standing
    const replaced = await agents.replace(tenant, {
      kind: 'function',
      agentId,
      ...definition,
      deployment,
      ...{ status, health, createdAt, updatedAt: at },
      version: isDeepStrictEqual(definitionOf(standing), definition) ? standing.version : standing.version + 1,
      revision: standing.revision + 1,
    })
    if (replaced === 'replaced') return 'replaced'
  }
  throw new SluiceError('unavailable', `the agent "${agentId}" changes all the time`)
}
