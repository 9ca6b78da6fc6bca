import { EXECUTION_STATUSES, type ExecutionStatus } from '#shared/protocol/execution.ts'
import type { Client } from '../../web/client/index.ts'
import { defineCommand, expectNoMore } from '../command.ts'
import type { CliContext } from '../context.ts'
import { UsageError } from '../errors.ts'
import { executionLine, executionSheet, executionTable } from '../execution-tables.ts'
import { EXIT_CODE } from '../exit-code.ts'

type Flags = { status?: string | undefined; limit?: string | undefined; after?: string | undefined; key?: string | undefined }

/** What one call of the command does with a client; gives what to print. */
type Action = (client: Client, context: CliContext) => Promise<{ text: string; json: unknown }>

const HELP = 'npx sluice executions --help shows what there is'

export const executions = defineCommand({
  name: 'executions',
  summary: 'Lists the executions of an agent, shows one, cancels it, does it again, or moves it in the queue.',
  usage: 'list <agent> | get <id> | cancel <id> | retry <id> | priority <id> <1-10>',
  description: `A running execution that is cancelled keeps what it has said so far. Only what ended without success can be retried: as a new execution,
whose id is printed. A priority counts while the execution waits for its agent.`,
  options: {
    status: { type: 'string', placeholder: 'status', help: `with list: ${EXECUTION_STATUSES.join(', ')}` },
    limit: { type: 'string', placeholder: 'count', help: 'with list: at most so many, 100 at the most (20)' },
    after: { type: 'string', placeholder: 'cursor', help: 'with list: the page after this cursor' },
    key: { type: 'string', placeholder: 'key', help: 'with retry: repeating the call with the same key makes one execution' },
  },
  examples: [
    'npx sluice executions list assistant --status failed',
    'npx sluice executions get <id>',
    'npx sluice executions cancel <id>',
    'npx sluice executions retry <id> --key first-try',
    'npx sluice executions priority <id> 10',
  ],
  async run(values, positionals, context) {
    const action = actionOf(positionals, values)
    const client = await context.connect(values)
    try {
      const { text, json } = await action(client, context)
      if (values.json) context.stdout.line(JSON.stringify(json))
      else if (text !== '') context.stdout.line(text)
      return EXIT_CODE.ok
    } finally {
      client.close()
    }
  },
})

function actionOf([name, id, ...rest]: string[], flags: Flags): Action {
  const { status, limit, after, key } = flags
  if (name !== 'list' && (status ?? limit ?? after) !== undefined)
    throw new UsageError('--status, --limit and --after belong to "executions list"', 'leave them out')
  if (name !== 'retry' && key !== undefined) throw new UsageError('--key belongs to "executions retry"', 'leave it out')
  if (name === 'priority') {
    const [priority, ...more] = rest
    expectNoMore(more, 'executions')
    return setPriority.bind(undefined, required(id), parseNumber(priority, 'a priority', 10))
  }
  expectNoMore(rest, 'executions')
  if (name === 'list') return list.bind(undefined, required(id, 'which agent?', 'npx sluice agents lists them'), flags)
  if (name === 'get') return get.bind(undefined, required(id))
  if (name === 'cancel') return cancel.bind(undefined, required(id))
  if (name === 'retry') return retry.bind(undefined, required(id), key)
  throw new UsageError(name === undefined ? 'what is to be done?' : `"executions ${name}" does not exist`, HELP)
}

async function list(agentId: string, { status, limit, after }: Flags, client: Client, context: CliContext): ReturnType<Action> {
  const { signal, stderr } = context
  const page = await client.executions(agentId, {
    signal,
    ...(status !== undefined && { status: parseStatus(status) }),
    ...(limit !== undefined && { limit: parseNumber(limit, 'a count', 100) }),
    ...(after !== undefined && { after }),
  })
  if (page.executions.length === 0) stderr.line(page.next === undefined ? 'there are none' : 'there are none on this page')
  if (page.next !== undefined) stderr.line(`there are more: --after ${page.next}`)
  return { text: page.executions.length === 0 ? '' : executionTable(page.executions), json: page }
}

async function get(executionId: string, client: Client, { signal }: CliContext): ReturnType<Action> {
  const execution = await client.getExecution(executionId, { position: true, signal })
  return { text: executionSheet(execution), json: execution }
}

async function cancel(executionId: string, client: Client, { signal }: CliContext): ReturnType<Action> {
  const execution = await client.cancelExecution(executionId, { signal })
  return { text: executionLine(execution), json: execution }
}

async function retry(executionId: string, key: string | undefined, client: Client, { signal }: CliContext): ReturnType<Action> {
  const accepted = await client.retryExecution(executionId, { signal, ...(key !== undefined && { idempotencyKey: key }) })
  return { text: accepted.executionId, json: accepted }
}

async function setPriority(executionId: string, priority: number, client: Client, { signal }: CliContext): ReturnType<Action> {
  const execution = await client.changePriority(executionId, priority, { signal })
  return { text: `${executionLine(execution)}, with priority ${execution.priority}`, json: execution }
}

function required(id: string | undefined, question = 'which execution?', advice = 'npx sluice executions list <agent>'): string {
  if (id === undefined) throw new UsageError(question, advice)
  return id
}

function parseStatus(text: string): ExecutionStatus {
  const status = EXECUTION_STATUSES.find((known) => known === text)
  if (status) return status
  throw new UsageError(`"${text}" is no status`, `use one of ${EXECUTION_STATUSES.join(', ')}`)
}

/** A whole number from 1 to `max`. */
function parseNumber(text: string | undefined, what: string, max: number): number {
  const number = /^\d{1,3}$/.test(text ?? '') ? Number(text) : 0
  if (number >= 1 && number <= max) return number
  throw new UsageError(text === undefined ? `${what} is missing` : `"${text}" is not ${what}`, `use a number from 1 to ${max}`)
}
