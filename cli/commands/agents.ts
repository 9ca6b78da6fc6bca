import type { Agent } from '#shared/protocol/agent.ts'
import { defineCommand, expectNoMore } from '../command.ts'
import { UsageError } from '../errors.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { formatTable } from '../table.ts'

export const agents = defineCommand({
  name: 'agents',
  summary: 'Lists the agents, or shows one.',
  usage: '[show <id>]',
  options: {},
  examples: ['npx sluice agents', 'npx sluice agents --json', 'npx sluice agents show assistant'],
  async run(values, [action, agentId, ...more], context) {
    if (action !== undefined && action !== 'show')
      throw new UsageError(`"agents ${action}" does not exist`, 'npx sluice agents show <id>')
    if (action === 'show' && agentId === undefined) throw new UsageError('which agent?', 'npx sluice agents lists them')
    expectNoMore(more, 'agents')
    const client = await context.connect(values)
    const { signal, stdout, stderr } = context
    try {
      if (agentId !== undefined) {
        const agent = await client.agent(agentId, { signal })
        stdout.line(values.json ? JSON.stringify(agent) : agentSheet(agent))
        return EXIT_CODE.ok
      }
      const all = await client.agents({ signal })
      if (values.json) stdout.line(JSON.stringify(all))
      else if (all.length === 0) stderr.line('there are no agents; POST /v1/agents registers one')
      else stdout.line(agentTable(all))
      return EXIT_CODE.ok
    } finally {
      client.close()
    }
  },
})

const modelOf = ({ llm }: Agent): string => `${llm.provider}/${llm.model}`

function agentTable(all: readonly Agent[]): string {
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

function agentSheet(agent: Agent): string {
  const rows = [
    ['id', agent.agentId],
    ['name', agent.name],
    ['description', agent.description],
    ['kind', agent.kind],
    ['status', agent.status],
    ['health', agent.health],
    ['topics', agent.topics.join(', ')],
    ['model', modelOf(agent)],
    ['system prompt', agent.prompts.system],
    ['version', String(agent.version)],
    ['created', agent.createdAt],
    ['updated', agent.updatedAt],
  ].flatMap(([label = '', value]) => (value ? [[label, value]] : []))
  return formatTable(rows)
}
