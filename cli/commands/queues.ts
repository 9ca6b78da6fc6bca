import { defineCommand, expectNoMore } from '../command.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { queueTable } from '../figure-tables.ts'

export const queues = defineCommand({
  name: 'queues',
  summary: 'Shows how full the queues of the stage are, dead letters too.',
  usage: '',
  description: 'Counts are about right, as SQS gives them. What waits at one agent is shown by "agents health <id>".',
  options: {},
  examples: ['npx sluice queues', 'npx sluice queues --json'],
  async run(values, positionals, context) {
    expectNoMore(positionals, 'queues')
    const client = await context.connect(values)
    try {
      const answer = await client.queues({ signal: context.signal })
      context.stdout.line(values.json ? JSON.stringify(answer) : queueTable(answer))
      return EXIT_CODE.ok
    } finally {
      client.close()
    }
  },
})
