import * as z from 'zod'
import type { Principal } from '#shared/access/principal.ts'
import { type AgentUse, requireUse } from '#shared/agents/agent-access.ts'
import type { AgentStore } from '#shared/agents/agent-store.ts'
import { freeSlots, type Gate } from '#shared/agents/gate.ts'
import { requireTaskType } from '#shared/agents/require-task-type.ts'
import { workerOf } from '#shared/agents/worker-of.ts'
import { NotFoundError, SluiceError, ValidationError } from '#shared/platform/errors.ts'
import { parse } from '#shared/platform/parse.ts'
import type { Agent, AgentStatus } from '#shared/protocol/agent.ts'
import { llmInputSchema } from '#shared/protocol/llm-input.ts'
import type { ExecutionRecord } from './execution-record.ts'
import { type Admit, type StartDependencies, type StartRequest, startExecution } from './start-execution.ts'

export type DoorDependencies = StartDependencies & {
  agents: AgentStore
  /** What the tenant may have; absent where work is counted and never refused. */
  quotas?: { requireExecution(tenant: string): Promise<void> } | undefined
}

/** Who asks an agent directly, as the credential says, never as a body does; or another agent, as the platform knows it. */
export type Caller = Pick<Principal, 'subject' | 'roles'> | { agentId: string }

/** Statuses in which an agent takes direct requests, though they may have to wait. */
const TAKES_REQUESTS: readonly AgentStatus[] = ['running', 'paused', 'starting']

/** Longest pause that a caller is asked for, in seconds. */
const LONGEST_PAUSE = 60

/** What is wrong with settings for a model that nobody asks. */
const NO_MODEL = { path: 'llm', message: 'leave it out' }

const llmRequestSchema = z.object({ input: llmInputSchema })

/**
 * Starts an execution that a caller asked one agent for. It runs, or waits until the agent can take it; where it could wait in vain it
 * is refused. What is known already is answered in any case.
 *
 * @param options.caller - who must be allowed to use the agent
 * @param options.admit - as startExecution takes it
 * @throws NotFoundError for an unknown agent, SluiceError `forbidden` by its policy, `agent_not_running`, `queue_full`,
 *   `unsupported_task_type`, `quota_exceeded`, `depth_exceeded`, ValidationError for an input that the agent cannot answer
 */
export async function startDirectly(
  dependencies: DoorDependencies,
  request: StartRequest,
  { caller, admit }: { caller: Caller; admit?: Admit | undefined },
): Promise<ExecutionRecord> {
  let agent: Agent
  try {
    agent = await requireTaker(dependencies, request, caller)
  } catch (refusal) {
    const known = await dependencies.executions.get(request)
    if (known) return known
    throw refusal
  }
  return startExecution(dependencies, { ...request, worker: workerOf(agent) }, admit)
}

/**
 * The agent that a request is for, if it takes it as things stand.
 *
 * @throws as {@link startDirectly}
 */
export async function requireTaker(
  { agents, admission, quotas }: Pick<DoorDependencies, 'agents' | 'admission' | 'quotas'>,
  request: StartRequest,
  caller: Caller,
): Promise<Agent> {
  const { tenant, agentId } = request
  const [agent, gate] = await Promise.all([agents.get(tenant, agentId), admission.gate({ tenant, agentId })])
  requireOpenDoor(agentId, agent, gate, caller)
  requireSuitable(agent, request)
  await quotas?.requireExecution(tenant)
  return agent
}

function requireOpenDoor(
  agentId: string,
  agent: Agent | undefined,
  gate: Gate | undefined,
  caller: Caller,
): asserts agent is Agent {
  requireReachable(agentId, agent, caller)
  if (!gate || freeSlots(gate) > 0 || gate.waiting < gate.queueLimit) return
  const retryAfterSeconds = Math.min(LONGEST_PAUSE, Math.max(1, Math.ceil(gate.waiting / gate.limit)))
  throw new SluiceError('queue_full', `${gate.waiting} executions wait for the agent "${agentId}"`, { retryAfterSeconds })
}

/** @throws NotFoundError, SluiceError `forbidden` by its policy, `agent_not_running` when it takes no direct requests */
export function requireReachable(agentId: string, agent: Agent | undefined, caller: Caller): asserts agent is Agent {
  if (!agent) throw new NotFoundError('agent', agentId)
  requireUse(agent, purposeOf(caller))
  if (TAKES_REQUESTS.includes(agent.status)) return
  throw new SluiceError('agent_not_running', `the agent "${agentId}" is ${agent.status}`)
}

const purposeOf = (caller: Caller): AgentUse =>
  'agentId' in caller
    ? { trigger: 'agent', agentId: caller.agentId }
    : { trigger: 'request', subject: caller.subject, roles: caller.roles ?? [] }

function requireSuitable(agent: Agent, { input, inputRef, type, llm }: StartRequest): void {
  if (agent.kind === 'remote' && llm !== undefined)
    throw new ValidationError('the agent is a service elsewhere, and asks no model here', [NO_MODEL])
  if (agent.kind === 'llm' && inputRef === undefined) parse(llmRequestSchema, { input }, 'request body')
  requireTaskType(agent, type)
}
