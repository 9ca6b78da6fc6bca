import type { AgentDefinition } from '#shared/protocol/agent.ts'
import { AGENT_VERBS, type AgentVerb } from '#shared/protocol/agent-lifecycle.ts'
import { type Action, perform, type Result } from '../action.ts'
import { agentLine, agentSheet, agentTable, configurationTable, healthSheet } from '../agent-tables.ts'
import { defineCommand, expectNoMore, unknownVerb } from '../command.ts'
import type { CliClient } from '../connect.ts'
import type { CliContext } from '../context.ts'
import { UsageError } from '../errors.ts'
import { readFields } from '../fields.ts'
import { readJsonArgument } from '../input.ts'
import { templateAction } from './agent-templates.ts'

type Flags = {
  start?: boolean | undefined
  cancel?: boolean | undefined
  file?: string | undefined
  template?: string | undefined
}

export const agents = defineCommand({
  name: 'agents',
  summary:
    'Lists the agents, shows one, registers or changes one, or starts, pauses, resumes, stops or deletes it; keeps templates.',
  usage: [
    '[list]',
    '(show | health | configuration) <id>',
    'create <json | @file | ->',
    'update <id> <key=value …>',
    '(start | pause | resume | stop | delete) <id>',
    'templates',
    'templates (show | put | delete) <name>',
  ],
  description:
    'A stopped agent lets what runs end and keeps what waits for its next start; a deleted one cancels what waits, and ' +
    'is gone when nothing runs. An update is a merge patch: null takes a field away, and version=<n> refuses an agent ' +
    'that has changed since.',
  options: {
    start: { type: 'boolean', help: 'with create: start it at once (the default); --no-start leaves it "created"' },
    file: {
      type: 'string',
      short: 'f',
      placeholder: 'file',
      help: 'with create, update, templates put: JSON from a file, - for stdin',
    },
    template: { type: 'string', placeholder: 'name', help: 'with create: the template that the definition goes over' },
    cancel: { type: 'boolean', help: 'with stop: cancel what runs and what waits' },
  },
  examples: [
    'npx sluice agents',
    'npx sluice agents show assistant',
    'npx sluice agents create -f agent.json --no-start',
    'npx sluice agents create --template writers \'{"agentId":"ann"}\'',
    'npx sluice agents update assistant llm.temperature=0.2 description=null version=3',
    'npx sluice agents templates put writers -f writers.json',
    'npx sluice agents configuration assistant',
    'npx sluice agents pause assistant',
    'npx sluice agents stop assistant --cancel',
    'npx sluice agents health assistant --json',
  ],
  async run(values, [name, ...args], context) {
    expectFitting(values, name)
    const act = actionOf(name, args, values)
    return perform(act, await context.connect(values), values, context)
  },
})

function actionOf(name: string | undefined, args: readonly string[], values: Flags): Action<CliClient> {
  const [argument, ...more] = args
  if (name === 'templates') return templateAction(args, (context) => readObject(values.file && `@${values.file}`, context))
  if (name === 'update') return update.bind(undefined, argument, more, values)
  expectNoMore(more, 'agents')
  if (name === undefined || name === 'list') {
    expectNoMore(argument === undefined ? [] : [argument], 'agents list')
    return list
  }
  if (name === 'create') return create.bind(undefined, argument, values)
  const verb = AGENT_VERBS.find((known) => known === name)
  const byId = verb ? change.bind(undefined, verb, values) : READERS.get(name)
  if (!byId) throw unknownVerb('agents', name)
  return byId.bind(undefined, named(argument))
}

/** Verbs that show something of one agent. */
const READERS = new Map([
  ['show', show],
  ['health', health],
  ['configuration', configuration],
])

function named(agentId: string | undefined): string {
  if (agentId === undefined) throw new UsageError('which agent?', 'npx sluice agents lists them')
  return agentId
}

/** An option that changes nothing was meant for something else. */
function expectFitting({ start, cancel, file, template }: Flags, name: string | undefined): void {
  if (file !== undefined && !['create', 'update', 'templates'].includes(name ?? ''))
    throw new UsageError('--file belongs to "agents create", "update" and "templates put"', 'leave it out')
  if (template !== undefined && name !== 'create') throw new UsageError('--template belongs to "agents create"', 'leave it out')
  if (start !== undefined && name !== 'create') throw new UsageError('--start belongs to "agents create"', 'leave it out')
  if (cancel !== undefined && name !== 'stop') throw new UsageError('--cancel belongs to "agents stop"', 'leave it out')
}

const list: Action<CliClient> = async (client, { signal, stderr }) => {
  const all = await client.agents({ signal })
  if (all.length === 0) stderr.line('there are no agents; npx sluice agents create registers one')
  return { text: all.length === 0 ? '' : agentTable(all), json: all }
}

async function show(agentId: string, client: CliClient, { signal }: CliContext): Promise<Result> {
  const agent = await client.agent(agentId, { signal })
  return { text: agentSheet(agent), json: agent }
}

async function health(agentId: string, client: CliClient, { signal }: CliContext): Promise<Result> {
  const answer = await client.agentHealth(agentId, { signal })
  return { text: healthSheet(answer), json: answer }
}

async function configuration(agentId: string, client: CliClient, { signal }: CliContext): Promise<Result> {
  const answer = await client.agentConfiguration(agentId, { signal })
  return { text: configurationTable(answer), json: answer }
}

async function create(
  argument: string | undefined,
  { start = true, file, template }: Flags,
  client: CliClient,
  context: CliContext,
): Promise<Result> {
  const alone = template === undefined ? undefined : '{}'
  const definition = await readObject(argument ?? (file && `@${file}`) ?? alone, context)
  const request = { ...definition, ...(template !== undefined && { template }), autoStart: start }
  // The server checks the rest and names what is wrong.
  const agent = await client.createAgent(request as AgentDefinition, { signal: context.signal })
  return { text: agentLine(agent), json: agent }
}

async function update(
  agentId: string | undefined,
  fields: readonly string[],
  { file }: Flags,
  client: CliClient,
  context: CliContext,
): Promise<Result> {
  const id = named(agentId)
  if (file === undefined && fields.length === 0)
    throw new UsageError('what is to be changed?', `npx sluice agents update ${id} description="What it does"`)
  const patch = { ...(file && (await readObject(`@${file}`, context))), ...readFields(fields) }
  const agent = await client.patchAgent(id, patch, { signal: context.signal })
  return { text: `${agent.agentId} is of version ${agent.version}`, json: agent }
}

/** @param argument - JSON, `@file`, or `-` for stdin, as is `@-` */
async function readObject(argument: string | undefined, context: CliContext): Promise<Record<string, unknown>> {
  if (argument === undefined) throw new UsageError('an agent needs a definition', 'npx sluice agents create -f agent.json')
  const definition = await readJsonArgument(argument === '@-' ? '-' : argument, context)
  if (typeof definition !== 'object' || definition === null || Array.isArray(definition))
    throw new UsageError('the definition is no JSON object', `npx sluice agents create '{"name":"Writer","llm":{…}}'`)
  return { ...definition }
}

async function change(
  verb: AgentVerb,
  { cancel }: Flags,
  agentId: string,
  client: CliClient,
  { signal }: CliContext,
): Promise<Result> {
  const agent = await client.changeAgent(agentId, verb, { signal, ...(cancel && { policy: 'cancel' }) })
  return { text: agent ? agentLine(agent) : `${agentId} is deleted`, json: agent ?? { agentId, status: 'deleted' } }
}
