import type { BatchResult } from '#shared/protocol/envelope.ts'
import { defineCommand, expectNoMore } from '../command.ts'
import type { CliClient } from '../connect.ts'
import type { CliContext } from '../context.ts'
import { UsageError } from '../errors.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { readJsonArgument, readTextArgument } from '../input.ts'
import { parseMessageLines, toBatches } from '../message-lines.ts'

type Options = { idempotencyKey?: string; signal: AbortSignal }

export const publish = defineCommand({
  name: 'publish',
  summary: 'Publishes a message on a topic, or sends it to one agent, and prints its id.',
  usage: ['<topic> <json | @file | ->', '--to <agent> <json | @file | ->', '<topic> --batch <file | ->'],
  description:
    'The JSON becomes the data of the message; every agent of the topic gets it, or the one that --to names. With --batch every line of a ' +
    'file is the data of one message, and the ids are printed in the order of the lines.',
  options: {
    to: { type: 'string', placeholder: 'agent', help: 'send it to this agent alone, whatever its topics' },
    batch: { type: 'string', placeholder: 'file', help: 'publish each line of a file (JSON Lines); - reads stdin' },
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
    `npx sluice publish --to assistant '{"content":"What is a sluice?"}'`,
    'npx sluice publish questions --batch questions.jsonl',
  ],
  async run(values, positionals, context) {
    const options = { signal: context.signal, ...(values.id !== undefined && { idempotencyKey: values.id }) }
    const act = await actionOf(values, positionals, context)
    const client = await context.connect(values)
    try {
      const { lines, json, refused = [] } = await act(client, options)
      if (values.json) context.stdout.line(JSON.stringify(json))
      else for (const line of lines) context.stdout.line(line)
      for (const line of refused) context.stderr.line(context.stderr.style('red', line))
      return refused.length === 0 ? EXIT_CODE.ok : EXIT_CODE.failed
    } finally {
      client.close()
    }
  },
})

/** What is printed: lines for people, JSON for programs, and what was refused. */
type Printed = { lines: string[]; json: unknown; refused?: string[] }

/** What the command line asks for; everything that can be wrong with it is found before anything is sent. */
async function actionOf(
  { to, batch }: { to?: string | undefined; batch?: string | undefined },
  positionals: string[],
  context: CliContext,
): Promise<(client: CliClient, options: Options) => Promise<Printed>> {
  if (to !== undefined && batch !== undefined) throw new UsageError('--batch goes to a topic, not to an agent', 'leave out --to')
  const [topic, ...afterTopic] = to === undefined ? positionals : ['', ...positionals]
  if (topic !== undefined && batch !== undefined) {
    expectNoMore(afterTopic, 'publish')
    const batches = toBatches(parseMessageLines(await readTextArgument(batch, context)))
    return (client, options) => publishBatches(client, topic, batches, options)
  }
  const [argument, ...more] = afterTopic
  if (topic === undefined || argument === undefined) {
    throw new UsageError('a message needs a topic and data', `npx sluice publish questions '{"content":"Hello"}'`)
  }
  expectNoMore(more, 'publish')
  const data = await readJsonArgument(argument, context)
  return async (client, options) => {
    const accepted = to === undefined ? await client.publish(topic, data, options) : await client.send(to, data, options)
    return { lines: [accepted.messageId], json: accepted }
  }
}

/** One batch after the other. A line that is refused keeps its place: an empty line for people, its error for programs. */
async function publishBatches(
  client: CliClient,
  topic: string,
  batches: ReturnType<typeof toBatches>,
  { idempotencyKey, signal }: Options,
): Promise<Printed> {
  const results: BatchResult['results'] = []
  for (const [index, messages] of batches.entries()) {
    const key = idempotencyKey === undefined ? {} : { idempotencyKey: `${idempotencyKey}/${index}` }
    results.push(...(await client.publishBatch(topic, messages, { ...key, signal })).results)
  }
  return {
    lines: results.map((result) => ('messageId' in result ? result.messageId : '')),
    json: { results },
    refused: results.flatMap((result, index) =>
      'error' in result ? [`message ${index + 1}: ${result.error.code}: ${result.error.detail}`] : [],
    ),
  }
}
