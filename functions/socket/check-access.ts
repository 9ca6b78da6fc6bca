import type { Principal } from '#shared/access/principal.ts'
import { requireChannel } from '#shared/access/require-channel.ts'
import type { AgentStore } from '#shared/agents/agent-store.ts'
import type { ExecutionStore } from '#shared/executions/execution-store.ts'
import { NotFoundError } from '#shared/platform/errors.ts'
import { parseChannel } from '#shared/protocol/channel.ts'

export type CheckAccessDependencies = { executions: Pick<ExecutionStore, 'get'>; agents: Pick<AgentStore, 'get'> }

/**
 * A channel exists for a principal when what it is about is in its tenant and its scopes allow to read it.
 *
 * @throws ForbiddenError, NotFoundError
 */
export async function checkAccess(
  { executions, agents }: CheckAccessDependencies,
  principal: Principal,
  channel: string,
): Promise<void> {
  const { tenant } = principal
  const { kind, id } = parseChannel(channel)
  requireChannel(principal, channel)
  if (kind === 'execution' && !(await executions.get({ tenant, executionId: id }))) throw new NotFoundError('execution', id)
  if (kind === 'agent' && !(await agents.get(tenant, id))) throw new NotFoundError('agent', id)
  // Nothing makes workflows yet, so nobody has one.
  if (kind === 'workflow') throw new NotFoundError('workflow', id)
}
