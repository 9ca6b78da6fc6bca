import { SluiceError } from '#shared/platform/errors.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import type { Envelope } from '#shared/protocol/envelope.ts'

/** A way in which an execution is to begin, and who wants it. Nothing of it may come from a body. */
export type AgentUse =
  /** A caller asks the agent directly; its roles as its token or key says them. */
  | { trigger: 'request'; subject: string; roles: readonly string[] }
  | { trigger: 'topic' }
  | { trigger: 'agent'; agentId: string }
  | { trigger: 'workflow'; workflowId: string }

/** Sources of messages that agents send. A principal's begins otherwise (see principalSource), so nobody can pass for an agent. */
const AGENT_SOURCE = '/agents/'
const PRINCIPAL_SOURCE = '/principals/'

/** Whether a policy lets somebody use an agent. What a policy does not speak of is open to everybody of the tenant. */
export function mayUse(access: Agent['access'], use: AgentUse): boolean {
  if (access === undefined) return true
  if (access.triggers?.includes(use.trigger) === false) return false
  switch (use.trigger) {
    case 'request':
      return isRequester(access, use)
    case 'topic':
      return true
    case 'agent':
      return isAmong(access.agents, use.agentId)
    case 'workflow':
      return isAmong(access.workflows, use.workflowId)
  }
}

/** @throws SluiceError `forbidden` */
export function requireUse({ agentId, access }: Pick<Agent, 'agentId' | 'access'>, use: AgentUse): void {
  if (mayUse(access, use)) return
  throw new SluiceError('forbidden', `the policy of the agent "${agentId}" does not allow this`)
}

/**
 * What a message to one agent asks for when it arrives. The door that took it from a principal knew its roles and has asked already: only whether
 * agents may be asked at all is still open. Any other sender was let in by IAM, and is known by its source.
 */
export function mayReceive(access: Agent['access'], { source }: Pick<Envelope, 'source'>): boolean {
  if (source.startsWith(AGENT_SOURCE)) return mayUse(access, { trigger: 'agent', agentId: source.slice(AGENT_SOURCE.length) })
  if (source.startsWith(PRINCIPAL_SOURCE)) return access?.triggers?.includes('request') !== false
  return mayUse(access, { trigger: 'request', subject: source, roles: [] })
}

/** One match of either list is enough; where there is neither, everybody may ask. */
function isRequester({ principals, roles }: NonNullable<Agent['access']>, use: AgentUse & { trigger: 'request' }): boolean {
  if (principals === undefined && roles === undefined) return true
  const isNamed = principals !== undefined && isAmong(principals, use.subject)
  return isNamed || (roles !== undefined && use.roles.some((role) => isAmong(roles, role)))
}

/** Whether a list has a name, as a whole or by a beginning that ends in `*`. An absent list has every name, an empty one none. */
function isAmong(names: readonly string[] | undefined, name: string): boolean {
  return names?.some((named) => (named.endsWith('*') ? name.startsWith(named.slice(0, -1)) : named === name)) ?? true
}
