import * as z from 'zod'
import { createBatchSchema } from '#shared/protocol/batch.ts'
import { EXECUTION_STATUSES, type ExecutionStatus } from '#shared/protocol/execution.ts'
import { type Action, perform, type Result } from '../action.ts'
import { defineCommand, expectNoMore, unknownVerb } from '../command.ts'
import type { CliClient } from '../connect.ts'
import type { CliContext } from '../context.ts'
import { UsageError } from '../errors.ts'
import { executionLine, executionSheet, executionTable } from '../execution-tables.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { readJsonFile } from '../input.ts'

type Flags = Partial<Record<(typeof LIST_FLAGS)[number] | 'key' | 'wait', string | undefined>>

/** Options of `list`. */
const LIST_FLAGS = ['status', 'topic', 'correlation', 'from', 'to', 'limit', 'after'] as const

/** Statuses behind which there is another one. */
const OPEN: readonly ExecutionStatus[] = ['queued', 'running', 'waiting_input']

/** Longest wait of one call, in seconds; see docs/executions.md. */
const ONE_WAIT = 25

const HELP = 'npx sluice executions --help shows what there is'

export const executions = defineCommand({
  name: 'executions',
  summary: 'Lists executions, shows one or its result, cancels it, does it again, moves it in the queue, or starts a batch.',
  usage: ['list [agent]', '(get | result | cancel | retry) <id>', 'priority <id> <1-10>', 'batch <file | ->'],
  description:
    'A batch is the JSON of POST /v1/executions/batch, in a file or from stdin (-). A running execution that is ' +
    'cancelled keeps what it has said so far. Only what ended without success can be retried: as a new execution, whose ' +
    'id is printed. A priority counts while the execution waits for its agent.',
  options: {
    status: { type: 'string', placeholder: 'status', help: `with list: ${EXECUTION_STATUSES.join(', ')}` },
    topic: { type: 'string', placeholder: 'topic', help: 'with list: those that came by this topic' },
    correlation: { type: 'string', placeholder: 'id', help: 'with list: those with this correlation id' },
    from: { type: 'string', placeholder: 'time', help: 'with list: made from this time on, 2026-11-21T09:30:00Z' },
    to: { type: 'string', placeholder: 'time', help: 'with list: made before this time' },
    limit: { type: 'string', placeholder: 'count', help: 'with list: at most so many, 100 at the most (20)' },
    after: { type: 'string', placeholder: 'cursor', help: 'with list: the page after this cursor' },
    key: { type: 'string', placeholder: 'key', help: 'with retry and batch: repeating the call with the same key does it once' },
    wait: { type: 'string', placeholder: 'seconds', help: 'with result: waits so long for the end, 900 at the most (0)' },
  },
  examples: [
    'npx sluice executions list assistant --status failed',
    'npx sluice executions list --topic tickets --from 2026-11-21T00:00:00Z',
    'npx sluice executions get <id>',
    'npx sluice executions result <id> --wait 60',
    'npx sluice executions batch questions.json --key monday',
    'npx sluice executions cancel <id>',
    'npx sluice executions retry <id> --key first-try',
    'npx sluice executions priority <id> 10',
  ],
  async run(values, positionals, context) {
    const act = actionOf(positionals, values)
    return perform(act, await context.connect(values), values, context)
  },
})

function actionOf([name, id, ...rest]: string[], flags: Flags): Action<CliClient> {
  const { key, wait } = flags
  if (name !== 'list' && LIST_FLAGS.some((flag) => flags[flag] !== undefined))
    throw new UsageError(`--${LIST_FLAGS.join(', --')} belong to "executions list"`, 'leave them out')
  if (name !== 'retry' && name !== 'batch' && key !== undefined)
    throw new UsageError('--key belongs to "executions retry" and "executions batch"', 'leave it out')
  if (name !== 'result' && wait !== undefined) throw new UsageError('--wait belongs to "executions result"', 'leave it out')
  if (name === 'priority') {
    const [priority, ...more] = rest
    expectNoMore(more, 'executions')
    return setPriority.bind(undefined, required(id), parseNumber(priority, 'a priority', 10))
  }
  expectNoMore(rest, 'executions')
  if (name === 'list') return list.bind(undefined, id, flags)
  if (name === 'get') return get.bind(undefined, required(id))
  if (name === 'result') return result.bind(undefined, required(id), wait === undefined ? 0 : parseNumber(wait, 'a wait', 900))
  if (name === 'cancel') return cancel.bind(undefined, required(id))
  if (name === 'retry') return retry.bind(undefined, required(id), key)
  if (name === 'batch')
    return batch.bind(undefined, required(id, 'which file?', 'name a file with JSON in it, or - for stdin'), key)
  throw name === undefined ? new UsageError('what is to be done?', HELP) : unknownVerb('executions', name)
}

async function list(agentId: string | undefined, flags: Flags, client: CliClient, context: CliContext): Promise<Result> {
  const { signal, stderr } = context
  const { status, topic, correlation, from, to, limit, after } = flags
  const page = await client.executions(agentId, {
    signal,
    ...(status !== undefined && { status: parseStatus(status) }),
    ...(topic !== undefined && { topic }),
    ...(correlation !== undefined && { correlationId: correlation }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(limit !== undefined && { limit: parseNumber(limit, 'a count', 100) }),
    ...(after !== undefined && { after }),
  })
  if (page.executions.length === 0) stderr.line(page.next === undefined ? 'there are none' : 'there are none on this page')
  if (page.next !== undefined) stderr.line(`there are more: --after ${page.next}`)
  return { text: page.executions.length === 0 ? '' : executionTable(page.executions), json: page }
}

/** Waits in pieces, until it has ended or the time is up. */
async function result(executionId: string, seconds: number, client: CliClient, { signal }: CliContext): Promise<Result> {
  const look = (wait: number) => client.executionResult(executionId, { signal, wait: Math.min(wait, ONE_WAIT) })
  let found = await look(seconds)
  for (let left = seconds - ONE_WAIT; left > 0 && OPEN.includes(found.status); left -= ONE_WAIT) found = await look(left)
  const { status, output, error } = found
  const line = `${executionId} is ${status}${error ? `: ${error.code}: ${error.detail}` : ''}`
  const isGood = status === 'completed' || OPEN.includes(status)
  return {
    text: status === 'completed' ? (output?.text ?? '') : line,
    json: found,
    exitCode: isGood ? EXIT_CODE.ok : EXIT_CODE.failed,
  }
}

async function batch(file: string, key: string | undefined, client: CliClient, context: CliContext): Promise<Result> {
  const asked = createBatchSchema.safeParse(await readJsonFile(file, context))
  if (!asked.success) throw new UsageError(`this is no batch: ${z.prettifyError(asked.error)}`, 'docs/executions.md shows one')
  const options = { signal: context.signal, ...(key !== undefined && { idempotencyKey: key }) }
  const accepted = await client.runBatch(asked.data, options)
  const lines = accepted.executions.map((item, index) =>
    'error' in item ? `${index}  refused: ${item.error.code}: ${item.error.detail}` : `${index}  ${item.executionId}`,
  )
  return { text: [accepted.batchId, ...lines].join('\n'), json: accepted }
}

async function get(executionId: string, client: CliClient, { signal }: CliContext): Promise<Result> {
  const execution = await client.getExecution(executionId, { position: true, signal })
  return { text: executionSheet(execution), json: execution }
}

async function cancel(executionId: string, client: CliClient, { signal }: CliContext): Promise<Result> {
  const execution = await client.cancelExecution(executionId, { signal })
  return { text: executionLine(execution), json: execution }
}

async function retry(executionId: string, key: string | undefined, client: CliClient, { signal }: CliContext): Promise<Result> {
  const accepted = await client.retryExecution(executionId, { signal, ...(key !== undefined && { idempotencyKey: key }) })
  return { text: accepted.executionId, json: accepted }
}

async function setPriority(executionId: string, priority: number, client: CliClient, { signal }: CliContext): Promise<Result> {
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
