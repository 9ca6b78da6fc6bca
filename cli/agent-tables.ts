import type { Agent } from '#shared/protocol/agent.ts'
import type { AgentConfiguration } from '#shared/protocol/agent-configuration.ts'
import type { AgentHealth } from '#shared/protocol/agent-health.ts'
import type { OutputSettings } from '#shared/protocol/agent-thought.ts'
import type { Tool } from '#shared/protocol/tool.ts'
import { formatSheet, formatTable } from './table.ts'

function modelOf(agent: Agent): string {
  switch (agent.kind) {
    case 'llm':
      return `${agent.llm.provider}/${agent.llm.model}`
    case 'remote':
      return agent.endpoint
    case 'function':
      return 'own code'
  }
}

/** One line for each agent. */
export function agentTable(all: readonly Agent[]): string {
  const rows = all.map((agent) => [
    agent.agentId,
    agent.name,
    agent.status,
    agent.health,
    modelOf(agent),
    agent.topics.join(', '),
  ])
  return formatTable([['ID', 'NAME', 'STATUS', 'HEALTH', 'MODEL', 'TOPICS'], ...rows])
}

/** How an agent thinks, one line for each part that is set. */
function thoughtRows(agent: Agent): [label: string, value: string | undefined][] {
  if (agent.kind !== 'llm') return []
  const { prompts, reasoningPattern, reasoning, tools, team, memory, output } = agent
  return [
    ['system prompt', prompts.system],
    ['reasoning', reasoningPattern],
    ['limits', reasoning && settingsOf(reasoning)],
    ['tools', tools?.map(toolOf).join(', ')],
    ['team', team && `${team.mode}: ${team.agents.join(', ')}`],
    ['memory', memory && settingsOf(memory)],
    ['output', output && outputOf(output)],
  ]
}

const settingsOf = (settings: object): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ')

const toolOf = (tool: Tool): string =>
  `${tool.name} (${[tool.type, ...(tool.approval === 'always' ? ['asks a person'] : [])].join(', ')})`

/** The fields of the answer; all else is in the definition. */
function outputOf({ schema, name = 'answer' }: OutputSettings): string {
  const { properties } = schema
  const fields = typeof properties === 'object' && properties !== null ? Object.keys(properties) : []
  return fields.length === 0 ? `JSON "${name}"` : `JSON "${name}": ${fields.join(', ')}`
}

/** Everything about one agent that has a value. */
export const agentSheet = (agent: Agent): string =>
  formatSheet([
    ['id', agent.agentId],
    ['name', agent.name],
    ['description', agent.description],
    ['kind', agent.kind],
    ['status', agent.status],
    ['reason', agent.statusReason && `${agent.statusReason.code}: ${agent.statusReason.detail}`],
    ['health', agent.health],
    ['domain', agent.domain],
    ['capabilities', agent.capabilities?.join(', ')],
    ['task types', agent.taskTypes?.join(', ')],
    ['endpoints', agent.endpoints?.map(({ path, taskType }) => `${path} (${taskType})`).join(', ')],
    ['topics', agent.topics.join(', ')],
    ['model', modelOf(agent)],
    ...thoughtRows(agent),
    ['runs at once', String(agent.maxConcurrency)],
    ['may wait', String(agent.maxQueue)],
    ['version', String(agent.version)],
    ['created', agent.createdAt],
    ['updated', agent.updatedAt],
  ])

/** Health of an agent, one figure a line. */
export const healthSheet = ({ status, health, detail, checkedAt, queue, score }: AgentHealth): string =>
  formatSheet([
    ['status', status],
    ['health', health],
    ['score', score === null ? undefined : `${score} of 100`],
    ['detail', detail],
    ['checked', checkedAt],
    ['active', `${queue.active} of ${queue.limit}`],
    ['waiting', String(queue.waiting)],
  ])

/** What a verb came to. */
export const agentLine = ({ agentId, status, desiredStatus }: Agent): string =>
  `${agentId} is ${status}${desiredStatus ? `, and will be ${desiredStatus}` : ''}`

/** A line for each setting; of secrets their names. */
export function configurationTable({ settings }: AgentConfiguration): string {
  const rows = settings.map(({ name, source, value, secret }) => [
    name,
    source,
    secret
      ? `${secret.name} (${secret.exists ? 'there' : 'missing'})`
      : typeof value === 'string'
        ? value
        : JSON.stringify(value),
  ])
  return formatTable([['SETTING', 'FROM', 'VALUE'], ...rows])
}
