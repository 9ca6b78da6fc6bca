import * as z from 'zod'
import { RUNNING_COMPONENTS } from '#shared/agents/abilities.ts'
import { capabilitySchema, MAX_AGENT_CAPABILITIES, MAX_AGENT_CONCURRENCY, MAX_AGENT_TOPICS } from '#shared/protocol/agent.ts'
import { REASONING_PATTERNS } from '#shared/protocol/agent-thought.ts'
import { type Capabilities, capabilitiesSchema } from '#shared/protocol/capabilities.ts'
import {
  MAX_ANSWER_BYTES,
  MAX_CLIENT_FRAME_BYTES,
  MAX_DEPTH,
  MAX_DESCENDANTS,
  MAX_FRAME_BYTES,
  MAX_MESSAGE_BYTES,
  MAX_REFERENCED_BYTES,
} from '#shared/protocol/limits.ts'
import { LLM_PROVIDERS } from '#shared/protocol/llm.ts'
import { limitQuery } from '../query.ts'
import { type Route, route } from '../route.ts'

const MAX_PAGE = 100

/** What is the same for everybody. */
const PLATFORM = {
  providers: [...LLM_PROVIDERS],
  reasoningPatterns: [...REASONING_PATTERNS],
  components: Object.keys(RUNNING_COMPONENTS),
  transports: [
    { name: 'http', path: '/v1' },
    { name: 'websocket', path: '/socket' },
    { name: 'server-sent-events', path: '/streams' },
    { name: 'graphql', path: '/graphql' },
    { name: 'graphql-transport-ws', path: '/socket' },
  ],
  limits: {
    messageBytes: MAX_MESSAGE_BYTES,
    referencedMessageBytes: MAX_REFERENCED_BYTES,
    answerBytes: MAX_ANSWER_BYTES,
    frameBytes: MAX_FRAME_BYTES,
    clientFrameBytes: MAX_CLIENT_FRAME_BYTES,
    messageDepth: MAX_DEPTH,
    descendants: MAX_DESCENDANTS,
    agentConcurrency: MAX_AGENT_CONCURRENCY,
    agentTopics: MAX_AGENT_TOPICS,
    agentCapabilities: MAX_AGENT_CAPABILITIES,
  },
} satisfies Partial<Capabilities>

export const CAPABILITY_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/capabilities',
    operation: 'getCapabilities',
    summary: 'What this stage can do, and what its agents say that they can',
    tag: 'Agents',
    scope: 'agents:read',
    query: z.strictObject({ limit: limitQuery(MAX_PAGE, MAX_PAGE), after: capabilitySchema.optional() }),
    status: 200,
    response: capabilitiesSchema,
    async handle({ principal: { tenant }, query: { limit, after } }, { agents, oidc }) {
      const counted = await agents.capabilitiesOf(tenant, { limit: limit + 1, after })
      const page = counted.slice(0, limit)
      const body: Capabilities = {
        capabilities: page.map(({ capability, agents: count }) => ({ name: capability, agents: count })),
        next: counted.length > limit ? page.at(-1)?.capability : undefined,
        ...PLATFORM,
        authentication: ['bearer', ...(oidc ? ['openid-connect'] : []), 'api-key', 'ticket'],
      }
      return { body }
    },
  }),
]
