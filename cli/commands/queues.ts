import { type Action, perform } from '../action.ts'
import { defineCommand, expectNoMore } from '../command.ts'
import type { CliClient } from '../connect.ts'
import { queueTable } from '../figure-tables.ts'

export const queues = defineCommand({
  name: 'queues',
  summary: 'Shows how full the queues of the stage are, dead letters too.',
  usage: [''],
  description: 'Counts are about right, as SQS gives them. What waits at one agent is shown by "agents health <id>".',
  options: {},
  examples: ['npx sluice queues', 'npx sluice queues --json'],
  async run(values, positionals, context) {
    expectNoMore(positionals, 'queues')
    return perform(list, await context.connect(values), values, context)
  },
})

const list: Action<CliClient> = async (client, { signal }) => {
  const answer = await client.queues({ signal })
  return { text: queueTable(answer), json: answer }
}
