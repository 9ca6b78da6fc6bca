import type { Principal } from '#shared/access/principal.ts'
import { ConflictError, SluiceError } from '#shared/platform/errors.ts'
import { newId } from '#shared/platform/ids.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import type { CreateExecution } from '#shared/protocol/execution.ts'
import { type Candidate, fromTurn, leastBusy, type OpenWork, suitableAgents } from './choose-agent.ts'
import type { ExecutionRecord } from './execution-record.ts'
import { type SubmitDependencies, submitExecution } from './submit-execution.ts'

/** A request for whoever can do it. */
export type OpenRequest = Omit<CreateExecution, 'agentId'> & {
  capability?: string | undefined
}

export type OpenRequestOptions = {
  /** Makes the request repeatable: under a known id the first execution is answered. */
  executionId?: string | undefined
  /** What an agent is given. @default the request's input */
  inputFor?: ((agent: Agent) => CreateExecution['input']) | undefined
}

/** Agents that a page of the registry has, and pages that are read at the most: more than a tenant may have. */
const PAGE = 100
const MAX_PAGES = 10

/** Gates that are compared. */
const MAX_GATES = 16

/**
 * Asks an agent that can do it: of those that fit best, the one with the least to do; those that have equally much get their turn by the execution's
 * id.
 *
 * @throws SluiceError `no_agent_available` when none runs that fits, or all that do are full; what `submitExecution` throws
 */
export async function submitToAnyAgent(
  dependencies: SubmitDependencies,
  principal: Principal,
  { capability, ...asked }: OpenRequest,
  { executionId = newId(), inputFor = () => asked.input }: OpenRequestOptions = {},
): Promise<ExecutionRecord> {
  const { tenant, subject, roles = [] } = principal
  const { agents, executions } = dependencies

  async function agentOfKnown(): Promise<Agent | undefined> {
    const known = await executions.get({ tenant, executionId })
    return known && (await agents.get(tenant, known.agentId))
  }
  const submitTo = (agent: Agent): Promise<ExecutionRecord> =>
    submitExecution(dependencies, principal, { ...asked, agentId: agent.agentId, input: inputFor(agent) }, { executionId })

  const use = { trigger: 'request', subject, roles } as const
  const agent =
    (await agentOfKnown()) ?? (await choose(dependencies, principal, { ...asked, capability, inputFor, use }, executionId))
  try {
    return await submitTo(agent)
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error
    // The same request came twice at once, and the other one chose another agent.
    const other = await agentOfKnown()
    if (!other || other.agentId === agent.agentId) throw error
    return submitTo(other)
  }
}

async function choose(
  dependencies: SubmitDependencies,
  { tenant }: Principal,
  work: OpenWork,
  executionId: string,
): Promise<Agent> {
  const running = await listRunning(dependencies, tenant, work.capability)
  const suitable = suitableAgents(running, work)
  const turn = Number.parseInt(executionId.slice(-6), 16)
  const looks = fromTurn(suitable, turn, MAX_GATES).map(async (agent): Promise<Candidate[]> => {
    const gate = await dependencies.admission.gate({ tenant, agentId: agent.agentId })
    return gate ? [{ agent, gate }] : []
  })
  const chosen = leastBusy((await Promise.all(looks)).flat())
  if (chosen) return chosen
  throw new SluiceError('no_agent_available', 'No agents available')
}

async function listRunning({ agents }: SubmitDependencies, tenant: string, capability: string | undefined): Promise<Agent[]> {
  const filter = { status: 'running', capability } as const
  const found: Agent[] = []
  let after: string | undefined
  for (let page = 0; page < MAX_PAGES; page++) {
    const { agents: some, next } = await agents.list(tenant, { limit: PAGE, after, filter })
    found.push(...some)
    if (next === undefined) break
    after = next
  }
  return found
}
