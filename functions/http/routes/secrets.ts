import pLimit from 'p-limit'
import type { AgentStore } from '#shared/agents/agent-store.ts'
import { serviceSecretName } from '#shared/platform/names.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import { type SecretView, secretListSchema } from '#shared/protocol/secret.ts'
import { type Route, route } from '../route.ts'

/** Agents of one read, and secrets that are looked at at once. */
const PAGE = 100
const AT_ONCE = 10

/** Providers that have a key; the others are called with the function's own role, or not at all. */
const WITH_KEY: readonly string[] = ['openai']

async function* agentsOf(agents: AgentStore, tenant: string): AsyncGenerator<Agent> {
  let after: string | undefined
  do {
    const page = await agents.list(tenant, { limit: PAGE, after })
    yield* page.agents
    after = page.next
  } while (after !== undefined)
}

/** Names of the secrets that the tenant's agents need, and the agents. */
async function namedSecrets(agents: AgentStore, tenant: string, platform: string): Promise<Map<string, string[]>> {
  const named = new Map<string, string[]>()
  for await (const agent of agentsOf(agents, tenant)) {
    if (agent.kind !== 'llm' || !WITH_KEY.includes(agent.llm.provider)) continue
    const name = serviceSecretName(platform, agent.llm.service ?? agent.llm.provider)
    named.set(name, [...(named.get(name) ?? []), agent.agentId])
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
    async handle({ principal: { tenant } }, { agents, secretStates, platformSecrets, platform }) {
      const ofAgents = [...(await namedSecrets(agents, tenant, platform))].toSorted(([one], [other]) => (one < other ? -1 : 1))
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
