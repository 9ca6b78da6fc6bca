import type { Agent } from '#shared/protocol/agent.ts'
import type { LifecycleEvent, LifecycleEventType } from '#shared/protocol/lifecycle-event.ts'
import type { LifecycleEventData } from '#shared/protocol/lifecycle-event-data.ts'
import type { AgentChange } from './change.ts'
import { clip, fact } from './fact.ts'
import { isSampled } from './is-sampled.ts'

type StatusEvent = 'agent.started' | 'agent.resumed' | 'agent.paused' | 'agent.stopped' | 'agent.failed'
type Tell = <Type extends LifecycleEventType>(type: Type, data: LifecycleEventData<Type>) => LifecycleEvent

/**
 * What a write to an agent means.
 *
 * @param healthSampling - share of the health checks that are told, from 0 to 1; bad news is always told
 */
export function agentEvents(change: AgentChange, healthSampling: number): LifecycleEvent[] {
  const { tenant, at, before, after } = change
  if (!after) return before ? removed(tenant, before, at) : []
  const { agentId, createdAt, revision, updatedAt } = after
  // An id may be used again after its agent was removed: the day of birth tells the two apart.
  const subject = { tenant, source: `/agents/${agentId}`, time: updatedAt, step: [createdAt, revision] }
  const tell: Tell = (type, data) => fact(type, subject, data)
  return [
    ...(before ? [] : [tell('agent.created', created(after))]),
    ...(before && before.version < after.version
      ? [tell('agent.updated', { agentId, version: after.version, previousVersion: before.version })]
      : []),
    ...(before?.status === after.status ? [] : statusEvents(before, after, tell)),
    ...healthEvents(change, after, healthSampling),
  ]
}

const created = ({ agentId, status, name, kind, version }: Agent) => ({ agentId, status, name, kind, version })

function statusEvents(before: Agent | undefined, after: Agent, tell: Tell): LifecycleEvent[] {
  const { agentId, status, desiredStatus: desired } = after
  const type = statusEventOf(before, after)
  const error = after.statusReason && { code: after.statusReason.code, detail: clip(after.statusReason.detail) }
  return [
    ...(type ? [tell(type, { agentId, status, ...(type === 'agent.failed' && { error }) })] : []),
    ...(before ? [tell('agent.status_changed', { agentId, from: before.status, to: status, desired, error })] : []),
  ]
}

/** The event of a status that an agent stays in; the passing ones are told as changes alone. */
function statusEventOf(before: Agent | undefined, { status }: Agent): StatusEvent | undefined {
  if (status === 'running') return before?.status === 'paused' ? 'agent.resumed' : 'agent.started'
  if (status === 'paused' || status === 'stopped' || status === 'failed') return `agent.${status}`
  return undefined
}

function healthEvents({ tenant, before }: AgentChange, after: Agent, sampling: number): LifecycleEvent[] {
  const { agentId, createdAt, health, healthCheckedAt, healthDetail } = after
  if (healthCheckedAt === undefined || healthCheckedAt === before?.healthCheckedAt) return []
  const subject = { tenant, source: `/agents/${agentId}`, time: healthCheckedAt, step: [createdAt, healthCheckedAt] }
  const data = { agentId, health, detail: healthDetail === undefined ? undefined : clip(healthDetail) }
  const previousHealth = before?.health ?? 'unknown'
  const checked = fact('agent.health_checked', subject, data)
  return [
    ...(isSampled(checked.id, sampling) ? [checked] : []),
    ...(health === 'unhealthy' && previousHealth !== 'unhealthy'
      ? [fact('agent.health_check_failed', subject, { ...data, previousHealth })]
      : []),
  ]
}

function removed(tenant: string, { agentId, createdAt, status }: Agent, time: string): LifecycleEvent[] {
  const subject = { tenant, source: `/agents/${agentId}`, time, step: [createdAt, 'removed'] }
  return [
    fact('agent.status_changed', subject, { agentId, from: status, to: 'deleted' }),
    fact('agent.deleted', subject, { agentId }),
  ]
}
