import type { AgentStore } from '#shared/agents/agent-store.ts'
import { SluiceError, ValidationError } from '#shared/platform/errors.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import type { CreateExecution } from '#shared/protocol/execution.ts'
import type { AgentQuery } from '#shared/protocol/socket-frame.ts'

export type QueryDependencies = { agents: Pick<AgentStore, 'list'> }

const AGENTS_PAGE = 100

/**
 * A question in few words as the request that it stands for. The input has the parameters, the question as `query`, and as `content` both
 * of them as one text, which is what a model reads.
 *
 * @param usualAgent - the agent of the connection
 * @throws ValidationError when nothing says which agent is meant; SluiceError `no_agent_available` when none takes such tasks now
 */
export async function requestOfQuery(
  dependencies: QueryDependencies,
  tenant: string,
  { query, task_type: type, parameters, agentId }: AgentQuery,
  usualAgent: string | undefined,
): Promise<CreateExecution> {
  const content = parameters === undefined ? query : `${query}\n\nParameters: ${JSON.stringify(parameters)}`
  return {
    agentId: agentId ?? usualAgent ?? (await agentFor(dependencies, tenant, type)),
    ...(type !== undefined && { type }),
    input: { ...parameters, query, content },
  }
}

async function agentFor({ agents }: QueryDependencies, tenant: string, type: string | undefined): Promise<string> {
  const advice = 'name one in "agentId", or connect with "?agent=<id>"'
  if (type === undefined) throw new ValidationError(`no agent is named: give "task_type", ${advice}`)
  const able: string[] = []
  let after: string | undefined
  do {
    const page = await agents.list(tenant, { limit: AGENTS_PAGE, after })
    able.push(...page.agents.filter((agent) => takes(agent, type)).map((agent) => agent.agentId))
    after = page.next
  } while (after !== undefined)
  const [first, second] = able
  if (first === undefined)
    throw new SluiceError('no_agent_available', `no running agent takes the task "${type}": start one, or ${advice}`)
  if (second !== undefined) throw new ValidationError(`the agents ${able.join(', ')} take the task "${type}": ${advice}`)
  return first
}

const takes = (agent: Agent, type: string): boolean =>
  agent.status === 'running' && agent.kind === 'function' && agent.taskTypes?.includes(type) === true
