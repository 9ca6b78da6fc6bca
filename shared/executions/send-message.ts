import type { Principal } from '#shared/access/principal.ts'
import type { AgentStore } from '#shared/agents/agent-store.ts'
import type { MessageBus } from '#shared/messaging/message-bus.ts'
import { type PublishOptions, toEnvelope } from '#shared/messaging/publish-message.ts'
import type { Clock } from '#shared/platform/clock.ts'
import { derivedId, newId } from '#shared/platform/ids.ts'
import type { PublishMessage } from '#shared/protocol/envelope.ts'
import { messageExecutionId } from './dispatch-message.ts'
import { requireReachable } from './start-directly.ts'

export type SendMessageDependencies = { agents: AgentStore; bus: MessageBus; clock: Clock }

/**
 * Sends a message to one agent, whatever its topics, in the name of the caller. It goes by the bus as every message does, so the execution
 * begins a little later than the answer comes.
 *
 * @returns ids of the message and of its execution
 * @throws NotFoundError for an unknown agent, SluiceError `forbidden` by its policy, `agent_not_running`, `payload_too_large`, or `unavailable` when the bus did not
 *   accept it
 */
export async function sendMessage(
  { agents, bus, clock }: SendMessageDependencies,
  principal: Principal,
  agentId: string,
  message: PublishMessage,
  { idempotencyKey }: PublishOptions = {},
): Promise<{ messageId: string; agentId: string; executionId: string }> {
  const { tenant, subject } = principal
  requireReachable(agentId, await agents.get(tenant, agentId), principal)
  const makeId = () => (idempotencyKey === undefined ? newId() : derivedId('direct', tenant, subject, agentId, idempotencyKey))
  const envelope = toEnvelope(principal, { ...message, id: message.id ?? makeId() }, clock, { to: agentId })
  await bus.publish({ tenant, envelope })
  return { messageId: envelope.id, agentId, executionId: messageExecutionId(tenant, envelope, agentId) }
}
