import type { Action, Result } from '../action.ts'
import { expectNoMore } from '../command.ts'
import type { CliClient } from '../connect.ts'
import type { CliContext } from '../context.ts'
import { UsageError } from '../errors.ts'
import { formatTable } from '../table.ts'

/** @param read - the definition that came with the command, as an object */
export function templateAction(
  args: readonly string[],
  read: (context: CliContext) => Promise<Record<string, unknown>>,
): Action<CliClient> {
  const [verb, name, ...more] = args
  expectNoMore(more, 'agents')
  if (verb === undefined) return list
  if (name === undefined) throw new UsageError('which template?', 'npx sluice agents templates lists them')
  if (verb === 'show') return (client, { signal }) => show(client, name, signal)
  if (verb === 'delete') return (client, { signal }) => remove(client, name, signal)
  if (verb === 'put') return async (client, context) => put(client, name, await read(context), context.signal)
  throw new UsageError(`"agents templates ${verb}" does not exist`, 'use show, put or delete')
}

const list: Action<CliClient> = async (client, { signal, stderr }) => {
  const all = await client.agentTemplates({ signal })
  if (all.length === 0) stderr.line('there are no templates; npx sluice agents templates put <name> -f <file> stores one')
  const rows = all.map(({ name, description = '', updatedAt }) => [name, description, updatedAt])
  return { text: all.length === 0 ? '' : formatTable([['NAME', 'DESCRIPTION', 'UPDATED'], ...rows]), json: all }
}

async function show(client: CliClient, name: string, signal: AbortSignal): Promise<Result> {
  const template = await client.agentTemplate(name, { signal })
  return { text: JSON.stringify(template, undefined, 2), json: template }
}

async function put(client: CliClient, name: string, definition: Record<string, unknown>, signal: AbortSignal): Promise<Result> {
  const template = await client.putAgentTemplate(name, { definition }, { signal })
  return { text: `the template ${template.name} is stored`, json: template }
}

async function remove(client: CliClient, name: string, signal: AbortSignal): Promise<Result> {
  await client.deleteAgentTemplate(name, { signal })
  return { text: `the template ${name} is deleted`, json: { name, status: 'deleted' } }
}
