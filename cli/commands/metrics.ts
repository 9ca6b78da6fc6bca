import { type Action, perform } from '../action.ts'
import { defineCommand, expectNoMore } from '../command.ts'
import type { CliClient } from '../connect.ts'
import { timeAgo } from '../duration.ts'
import { UsageError } from '../errors.ts'
import { metricsTable } from '../figure-tables.ts'

export const metrics = defineCommand({
  name: 'metrics',
  summary: 'Shows how an agent did: executions, success, times.',
  usage: ['<agent>'],
  options: {
    step: { type: 'string', placeholder: 'hour|day', help: 'a line for each of them (hour)' },
    last: {
      type: 'string',
      placeholder: 'duration',
      help: 'how far back, for instance 7d: by hour at most 31d (1d), by day at most 400d (30d)',
    },
  },
  examples: [
    'npx sluice metrics assistant',
    'npx sluice metrics assistant --step day --last 90d',
    'npx sluice metrics assistant --json',
  ],
  async run(values, [agentId, ...more], context) {
    expectNoMore(more, 'metrics')
    if (agentId === undefined) throw new UsageError('which agent?', 'npx sluice agents lists them')
    const { step } = values
    if (step !== undefined && step !== 'hour' && step !== 'day')
      throw new UsageError(`--step "${step}" does not exist`, 'use hour or day')
    const from = values.last === undefined ? undefined : timeAgo(values.last, '--last')
    const read: Action<CliClient> = async (client, { signal, stderr }) => {
      const answer = await client.agentMetrics(agentId, { step, from, signal })
      if (answer.series.length === 0) stderr.line('nothing happened in this time')
      return { text: metricsTable(answer), json: answer }
    }
    return perform(read, await context.connect(values), values, context)
  },
})
