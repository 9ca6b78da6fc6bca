import type { KeyChoice } from '#shared/llm/key-service.ts'
import { listProviders } from '#shared/models/list-providers.ts'
import { providerListSchema } from '#shared/protocol/provider.ts'
import { everyAgent } from '../every-agent.ts'
import { type Route, route } from '../route.ts'

export const PROVIDER_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/providers',
    operation: 'listProviders',
    summary: 'How the providers of models do: keys, breakers, latencies, spend',
    description:
      "Those that the tenant's agents name, and those that were called in the last 24 hours. Keys are told apart by their fingerprints; nothing of a key can be learnt " +
      'from them, and the function that answers may not read secrets of providers. Latencies are those of the first token; they and the spend may lack the last half minute.',
    tag: 'Models',
    scope: 'models:read',
    status: 200,
    response: providerListSchema,
    async handle({ principal: { tenant } }, dependencies) {
      const named: KeyChoice[] = []
      for await (const agent of everyAgent(dependencies.agents, tenant))
        if (agent.kind !== 'remote' && agent.llm) named.push(agent.llm, ...(agent.llm.fallbacks ?? []))
      return { body: { providers: await listProviders(dependencies, tenant, named) } }
    },
  }),
]
