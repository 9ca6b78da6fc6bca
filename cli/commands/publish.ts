import { defineCommand, expectNoMore } from '../command.ts'
import { UsageError } from '../errors.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { readJsonArgument } from '../input.ts'

export const publish = defineCommand({
  name: 'publish',
  summary: 'Publishes a message on a topic and prints its id.',
  usage: '<topic> <json | @file | ->',
  description: 'The JSON becomes the data of the message; every agent of the topic gets it.',
  options: {
    id: {
      type: 'string',
      placeholder: 'key',
      help: 'idempotency key: publishing again with it changes nothing and gives the same id',
    },
  },
  examples: [
    `npx sluice publish questions '{"content":"What is a sluice?"}'`,
    'npx sluice publish questions @question.json --id question-1',
    `echo '"What is a sluice?"' | npx sluice publish questions -`,
  ],
  async run(values, [topic, argument, ...more], context) {
    if (topic === undefined || argument === undefined) {
      throw new UsageError('a message needs a topic and data', `npx sluice publish questions '{"content":"Hello"}'`)
    }
    expectNoMore(more, 'publish')
    const data = await readJsonArgument(argument, context)
    const client = await context.connect(values)
    try {
      const options = values.id === undefined ? {} : { idempotencyKey: values.id }
      const accepted = await client.publish(topic, data, { ...options, signal: context.signal })
      context.stdout.line(values.json ? JSON.stringify(accepted) : accepted.messageId)
      return EXIT_CODE.ok
    } finally {
      client.close()
    }
  },
})
