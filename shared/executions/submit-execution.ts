import type { Principal } from '#shared/access/principal.ts'
import type { AgentStore } from '#shared/agents/agent-store.ts'
import { ConflictError, NotFoundError, SluiceError } from '#shared/platform/errors.ts'
import { derivedId, newId } from '#shared/platform/ids.ts'
import type { CreateExecution } from '#shared/protocol/execution.ts'
import type { ExecutionRecord } from './execution-record.ts'
import { requestHash, type StartDependencies, startExecution } from './start-execution.ts'

export type SubmitDependencies = StartDependencies & { agents: AgentStore }

/**
 * Asks one agent directly: by REST or by a frame on a socket.
 *
 * @param options - a request under a known `idempotencyKey` of the same caller answers the execution that the first one made
 * @throws NotFoundError for an unknown agent, SluiceError `agent_not_running`, ConflictError for another request under a known key
 */
export async function submitExecution(
  dependencies: SubmitDependencies,
  principal: Principal,
  request: CreateExecution,
  options: { idempotencyKey?: string | undefined } = {},
): Promise<ExecutionRecord> {
  const { tenant, subject } = principal
  const agent = await dependencies.agents.get(tenant, request.agentId)
  if (!agent) throw new NotFoundError('agent', request.agentId)
  if (agent.status !== 'running') throw new SluiceError('agent_not_running', `the agent "${agent.agentId}" is ${agent.status}`)
  const { idempotencyKey } = options
  const executionId = idempotencyKey === undefined ? newId() : derivedId('request', tenant, subject, idempotencyKey)
  const record = await startExecution(dependencies, { tenant, executionId, agentId: request.agentId, input: request.input })
  if (record.requestHash !== requestHash(request)) {
    throw new ConflictError('another request was made with the same idempotency key')
  }
  return record
}
