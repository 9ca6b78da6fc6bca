import { type AccessDependencies, authenticate, type Credentials } from '#shared/access/authenticate.ts'
import type { Principal } from '#shared/access/principal.ts'
import { requireScope } from '#shared/access/require-scope.ts'
import { mayUse } from '#shared/agents/agent-access.ts'
import type { AgentStore } from '#shared/agents/agent-store.ts'
import { NotFoundError } from '#shared/platform/errors.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import { agentIdSchema } from '#shared/protocol/identifiers.ts'
import type { Served } from '../served.ts'

/** Agents per read. */
const PAGE = 100

export type ModelsRequest = {
  credentials: Credentials
  /** The requested one; empty for all. */
  agentId: string
}

/**
 * Shows the agents that the caller may ask, as models.
 *
 * @throws UnauthorizedError, RateLimitError, ForbiddenError; NotFoundError also for an agent that the caller may not ask
 */
export async function showModels(
  { agents }: { agents: Pick<AgentStore, 'get' | 'list'> },
  access: AccessDependencies,
  { credentials, agentId }: ModelsRequest,
  { answer, meet }: Served,
): Promise<void> {
  const principal = await authenticate(credentials, access)
  await meet(principal)
  requireScope(principal, 'agents:read')
  const shown = agentId === '' ? await allOf(agents, principal) : modelOf(await oneOf(agents, principal, agentId))
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' }
  answer.respond({ statusCode: 200, headers }, JSON.stringify(shown))
}

async function oneOf(agents: Pick<AgentStore, 'get'>, principal: Principal, agentId: string): Promise<Agent> {
  const known = agentIdSchema.safeParse(agentId).success ? await agents.get(principal.tenant, agentId) : undefined
  if (!known || !isOpenTo(principal, known)) throw new NotFoundError('model', agentId)
  return known
}

/** OpenAI's list has no pages. */
async function allOf(agents: Pick<AgentStore, 'list'>, principal: Principal) {
  const data: ReturnType<typeof modelOf>[] = []
  for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
    const page = await agents.list(principal.tenant, { limit: PAGE, after })
    data.push(...page.agents.filter((agent) => isOpenTo(principal, agent)).map(modelOf))
    after = page.next
  }
  return { object: 'list', data }
}

const isOpenTo = ({ subject, roles = [] }: Principal, { access }: Agent): boolean =>
  mayUse(access, { trigger: 'request', subject, roles })

const modelOf = ({ agentId, createdAt }: Agent) => ({
  id: agentId,
  object: 'model',
  created: Math.floor(Date.parse(createdAt) / 1_000),
  owned_by: 'sluice',
})
