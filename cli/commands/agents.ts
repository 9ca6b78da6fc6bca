import type { AgentDefinition } from '#shared/protocol/agent.ts'
import { AGENT_VERBS, type AgentVerb } from '#shared/protocol/agent-lifecycle.ts'
import type { Client } from '../../web/client/index.ts'
import { agentLine, agentSheet, agentTable, healthSheet } from '../agent-tables.ts'
import { defineCommand, expectNoMore } from '../command.ts'
import type { CliContext } from '../context.ts'
import { UsageError } from '../errors.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { readJsonArgument } from '../input.ts'

type Flags = { json?: boolean | undefined; start?: boolean | undefined; cancel?: boolean | undefined }

/** What one call of the command does with a client; gives what to print. */
type Action = (client: Client, context: CliContext, values: Flags) => Promise<{ text: string; json: unknown }>

export const agents = defineCommand({
  name: 'agents',
  summary: 'Lists the agents, shows one, registers one, or starts, pauses, resumes, stops or deletes it.',
  usage: '[show <id> | create <json | @file | -> | start | pause | resume | stop | delete | health <id>]',
  description:
    'A stopped agent lets what runs end and keeps what waits for its next start; a deleted one cancels what waits, and is gone when nothing runs.',
  options: {
    start: { type: 'boolean', help: 'with create: start it at once (the default); --no-start leaves it "created"' },
    cancel: { type: 'boolean', help: 'with stop: cancel what runs and what waits' },
  },
  examples: [
    'npx sluice agents',
    'npx sluice agents show assistant',
    'npx sluice agents create @agent.json --no-start',
    'npx sluice agents pause assistant',
    'npx sluice agents stop assistant --cancel',
    'npx sluice agents health assistant --json',
  ],
  async run(values, [name, argument, ...more], context) {
    expectNoMore(more, 'agents')
    expectFitting(values, name)
    const action = actionOf(name, argument)
    const client = await context.connect(values)
    try {
      const { text, json } = await action(client, context, values)
      if (values.json) context.stdout.line(JSON.stringify(json))
      else if (text !== '') context.stdout.line(text)
      return EXIT_CODE.ok
    } finally {
      client.close()
    }
  },
})

function actionOf(name: string | undefined, argument: string | undefined): Action {
  if (name === undefined) return list
  const verb = AGENT_VERBS.find((known) => known === name)
  const byId = verb ? change.bind(undefined, verb) : { show, health }[name]
  if (byId) {
    if (argument === undefined) throw new UsageError('which agent?', 'npx sluice agents lists them')
    return byId.bind(undefined, argument)
  }
  if (name !== 'create') throw new UsageError(`"agents ${name}" does not exist`, 'npx sluice agents --help shows what there is')
  if (argument === undefined) throw new UsageError('an agent needs a definition', 'npx sluice agents create @agent.json')
  return create.bind(undefined, argument)
}

/** An option that changes nothing was meant for something else. */
function expectFitting({ start, cancel }: Flags, name: string | undefined): void {
  if (start !== undefined && name !== 'create') throw new UsageError('--start belongs to "agents create"', 'leave it out')
  if (cancel !== undefined && name !== 'stop') throw new UsageError('--cancel belongs to "agents stop"', 'leave it out')
}

const list: Action = async (client, { signal, stderr }) => {
  const all = await client.agents({ signal })
  if (all.length === 0) stderr.line('there are no agents; npx sluice agents create registers one')
  return { text: all.length === 0 ? '' : agentTable(all), json: all }
}

async function show(agentId: string, client: Client, { signal }: CliContext): ReturnType<Action> {
  const agent = await client.agent(agentId, { signal })
  return { text: agentSheet(agent), json: agent }
}

async function health(agentId: string, client: Client, { signal }: CliContext): ReturnType<Action> {
  const answer = await client.agentHealth(agentId, { signal })
  return { text: healthSheet(answer), json: answer }
}

async function create(argument: string, client: Client, context: CliContext, { start = true }: Flags): ReturnType<Action> {
  const definition = await readJsonArgument(argument, context)
  if (typeof definition !== 'object' || definition === null || Array.isArray(definition))
    throw new UsageError('the definition is no JSON object', `npx sluice agents create '{"name":"Writer","llm":{…}}'`)
  // The server checks the rest and names what is wrong.
  const agent = await client.createAgent({ ...(definition as AgentDefinition), autoStart: start }, { signal: context.signal })
  return { text: agentLine(agent), json: agent }
}

async function change(
  verb: AgentVerb,
  agentId: string,
  client: Client,
  { signal }: CliContext,
  { cancel }: Flags,
): ReturnType<Action> {
  const agent = await client.changeAgent(agentId, verb, { signal, ...(cancel && { policy: 'cancel' }) })
  return { text: agent ? agentLine(agent) : `${agentId} is deleted`, json: agent ?? { agentId, status: 'deleted' } }
}
