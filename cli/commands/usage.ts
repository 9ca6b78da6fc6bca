import { USAGE_GROUPS } from '#shared/protocol/metrics.ts'
import { type Action, perform } from '../action.ts'
import { defineCommand, expectNoMore } from '../command.ts'
import type { CliClient } from '../connect.ts'
import { timeAgo } from '../duration.ts'
import { UsageError } from '../errors.ts'
import { usageTable } from '../figure-tables.ts'

export const usage = defineCommand({
  name: 'usage',
  summary: 'Adds up executions, tokens and cost, by day, agent, model or who asked.',
  usage: [''],
  options: {
    by: { type: 'string', placeholder: USAGE_GROUPS.join('|'), help: 'what to add up by (day)' },
    last: {
      type: 'string',
      placeholder: 'duration',
      help: 'how far back, for instance 7d; at most 92d, or 31d by agent, model or source (30d)',
    },
  },
  examples: [
    'npx sluice usage',
    'npx sluice usage --by agent --last 7d',
    'npx sluice usage --by model',
    'npx sluice usage --by source --last 7d',
    'npx sluice usage --json',
  ],
  async run(values, positionals, context) {
    expectNoMore(positionals, 'usage')
    const by = USAGE_GROUPS.find((group) => group === values.by)
    if (by !== values.by) throw new UsageError(`--by "${values.by}" does not exist`, `use ${USAGE_GROUPS.join(', ')}`)
    const from = values.last === undefined ? undefined : timeAgo(values.last, '--last')
    const read: Action<CliClient> = async (client, { signal }) => {
      const answer = await client.usage({ by, from, signal })
      return { text: usageTable(answer), json: answer }
    }
    return perform(read, await context.connect(values), values, context)
  },
})
