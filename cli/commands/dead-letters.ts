import type { DeadLetterFilter, SelectDeadLetters } from '#shared/protocol/dead-letter.ts'
import { type Action, perform } from '../action.ts'
import { defineCommand, expectNoMore, unknownVerb } from '../command.ts'
import type { CliClient } from '../connect.ts'
import { deadLetterSheet, deadLetterTable } from '../dead-letter-tables.ts'
import { timeAgo } from '../duration.ts'
import { UsageError } from '../errors.ts'
import { EXIT_CODE } from '../exit-code.ts'

type Flags = {
  queue?: string | undefined
  code?: string | undefined
  topic?: string | undefined
  agent?: string | undefined
  'older-than'?: string | undefined
  limit?: string | undefined
  all?: boolean | undefined
}

export const deadLetters = defineCommand({
  name: 'dead-letters',
  summary: 'Lists messages that could not be handled, shows one, sends them back, or throws them away.',
  usage: ['[list]', 'show <queue> <id>', '(redrive | discard) [<id> …]'],
  description:
    'A message that is sent back keeps its id, so what has run already does not run again. Without ids, redrive and discard take what the ' +
    'options say; all of them only with --all.',
  options: {
    queue: {
      type: 'string',
      placeholder: 'queue',
      help: 'ingress, work, or agent-<id> of an agent in code; all of them when absent',
    },
    code: { type: 'string', placeholder: 'code', help: 'those with this reason, for instance not_found or gave_up' },
    topic: { type: 'string', placeholder: 'topic', help: 'those of a topic' },
    agent: { type: 'string', placeholder: 'id', help: 'those for an agent' },
    'older-than': { type: 'string', placeholder: 'duration', help: 'those older than this, for instance 90s, 15m, 2h or 7d' },
    limit: { type: 'string', placeholder: 'number', help: 'how many to list, at most 100 (50)' },
    all: { type: 'boolean', help: 'with redrive and discard: all of them' },
  },
  examples: [
    'npx sluice dead-letters',
    'npx sluice dead-letters --code not_found --older-than 1h --json',
    'npx sluice dead-letters show ingress 5f0c1a52-…',
    'npx sluice dead-letters redrive 5f0c1a52-…',
    'npx sluice dead-letters redrive --topic orders',
    'npx sluice dead-letters discard --queue ingress --all',
  ],
  async run(values, [name, ...rest], context) {
    const act = actionOf(name, rest, values)
    return perform(act, await context.connect(values), values, context)
  },
})

function actionOf(name: string | undefined, rest: string[], values: Flags): Action<CliClient> {
  if (name !== 'redrive' && name !== 'discard' && values.all)
    throw new UsageError('--all belongs to "redrive" and "discard"', 'leave it out')
  switch (name) {
    case undefined:
    case 'list':
      expectNoMore(rest, 'dead-letters list')
      return list(values)
    case 'show': {
      const [queue, id, ...more] = rest
      expectNoMore(more, 'dead-letters')
      if (queue === undefined || id === undefined)
        throw new UsageError('which one?', 'npx sluice dead-letters lists queues and ids')
      return show(queue, id)
    }
    case 'redrive':
    case 'discard':
      return settle(name, selectionOf(rest, values))
    default:
      throw unknownVerb('dead-letters', name)
  }
}

function filterOf({ code, topic, agent: agentId, 'older-than': age }: Flags): DeadLetterFilter {
  const olderThan = age === undefined ? undefined : timeAgo(age, '--older-than')
  return Object.fromEntries(Object.entries({ code, topic, agentId, olderThan }).filter(([, value]) => value !== undefined))
}

/** What is meant must be said: nothing is thrown away because somebody forgot an option. */
function selectionOf(ids: string[], values: Flags): SelectDeadLetters {
  const queue = values.queue === undefined ? {} : { queue: values.queue }
  const filter = filterOf(values)
  const isFiltered = Object.keys(filter).length > 0
  if (ids.length > 0) {
    if (isFiltered || values.all) throw new UsageError('ids and a filter exclude each other', 'give either of them')
    return { ...queue, ids }
  }
  if (isFiltered && values.all) throw new UsageError('--all and a filter exclude each other', 'give either of them')
  if (!isFiltered && !values.all) throw new UsageError('which ones?', 'give ids, a filter such as --code, or --all')
  return { ...queue, filter }
}

const list =
  (values: Flags): Action<CliClient> =>
  async (client, { signal, stderr }) => {
    const limit = values.limit === undefined ? undefined : Number(values.limit)
    if (limit !== undefined && !(Number.isInteger(limit) && limit > 0))
      throw new UsageError(`--limit "${values.limit}" is no number`, 'use 1 to 100')
    const page = await client.deadLetters({ ...filterOf(values), queue: values.queue, limit, signal })
    if (page.deadLetters.length === 0) stderr.line('there are no dead letters')
    else if (page.more) stderr.line('there are more; --limit shows up to 100')
    return { text: page.deadLetters.length === 0 ? '' : deadLetterTable(page.deadLetters), json: page }
  }

const show =
  (queue: string, id: string): Action<CliClient> =>
  async (client, { signal }) => {
    const letter = await client.deadLetter(queue, id, { signal })
    return { text: deadLetterSheet(letter), json: letter }
  }

const settle =
  (verb: 'redrive' | 'discard', selection: SelectDeadLetters): Action<CliClient> =>
  async (client, { signal, stderr }) => {
    const answer = await client[verb](selection, { signal })
    const count = 'redriven' in answer ? answer.redriven : answer.discarded
    if (answer.more) stderr.line('the time was up before all were looked at; run it again')
    const done = verb === 'redrive' ? `${count} sent back` : `${count} discarded`
    const text = answer.failed === 0 ? done : `${done}, ${answer.failed} failed and are still there`
    const missing = selection.ids !== undefined && count < selection.ids.length
    return { text, json: answer, exitCode: answer.failed > 0 || missing ? EXIT_CODE.failed : EXIT_CODE.ok }
  }
