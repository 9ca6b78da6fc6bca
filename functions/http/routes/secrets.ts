import pLimit from 'p-limit'
import type { AgentStore } from '#shared/agents/agent-store.ts'
import { type KeyKnowledge, neededSecrets } from '#shared/executions/require-keys.ts'
import { type SecretView, secretListSchema } from '#shared/protocol/secret.ts'
import { everyAgent } from '../every-agent.ts'
import { type Route, route } from '../route.ts'

/** Secrets that are looked at at once. */
const AT_ONCE = 10

/** Names of the secrets that the tenant's agents need, and the agents. */
async function namedSecrets(
  agents: AgentStore,
  tenant: string,
  knowledge: Pick<KeyKnowledge, 'platform' | 'stageModel'>,
): Promise<Map<string, string[]>> {
  const named = new Map<string, string[]>()
  for await (const agent of everyAgent(agents, tenant)) {
    const needed = agent.kind !== 'remote' && agent.llm ? neededSecrets(knowledge, agent.llm) : []
    for (const { name } of needed) named.set(name, [...(named.get(name) ?? []), agent.agentId])
  }
  return named
}

export const SECRET_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/secrets',
    operation: 'listSecrets',
    summary: 'Secrets that the platform and the agents need, and whether they are there',
    description: 'Names only. The function that answers is not allowed to read the secrets of providers.',
    tag: 'Access',
    scope: 'secrets:read',
    status: 200,
    response: secretListSchema,
    async handle({ principal: { tenant } }, { agents, secretStates, platformSecrets, platform, stageModel }) {
      const ofAgents = [...(await namedSecrets(agents, tenant, { platform, stageModel }))].toSorted(([one], [other]) =>
        one < other ? -1 : 1,
      )
      const wanted: Omit<SecretView, 'status'>[] = [
        ...platformSecrets.map((name) => ({ name, usedBy: 'platform' as const, agents: [] })),
        ...ofAgents.map(([name, ids]) => ({ name, usedBy: 'agents' as const, agents: ids })),
      ]
      const limit = pLimit(AT_ONCE)
      const secrets = wanted.map((secret) => limit(async () => ({ ...secret, ...(await secretStates.describe(secret.name)) })))
      return { body: { secrets: await Promise.all(secrets) } }
    },
  }),
]
