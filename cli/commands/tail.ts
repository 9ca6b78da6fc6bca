import { defineCommand, expectNoMore } from '../command.ts'
import { UsageError } from '../errors.ts'
import { eventLine } from '../event-line.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { finishExecution, resultLine } from '../finish-execution.ts'
import { announceReconnects, firstConnection } from '../reconnects.ts'

const CHANNEL = /^(?:(execution|topic):)?([^:]+)$/

export const tail = defineCommand({
  name: 'tail',
  summary: 'Shows the events of an execution or a topic as they come.',
  usage: ['<execution:id | topic:name | name>'],
  description:
    'A bare name is a topic. An execution is shown from its start and ends with its terminal event, verified; a topic is ' +
    'shown from now on, until Ctrl-C. Both go on after a lost connection, without a gap.',
  options: {
    after: {
      type: 'string',
      placeholder: 'sequence',
      help: 'shows what comes after this event; -1 is all that is kept (24 hours)',
    },
  },
  examples: ['npx sluice tail questions', 'npx sluice tail topic:questions --after=-1 --json', 'npx sluice tail execution:<id>'],
  async run(values, [channel, ...more], context) {
    const { kind, id } = parseChannel(channel)
    expectNoMore(more, 'tail')
    const after = values.after === undefined ? undefined : parseCursor(values.after)
    const client = await context.connect(values)
    try {
      announceReconnects(client, context.stderr)
      const signal = AbortSignal.any([context.signal, firstConnection(client)])
      const stream =
        kind === 'topic'
          ? client.topic(id, { ...(after === undefined ? {} : { after }), signal })
          : client.execution(id, { packed: false, signal })
      for await (const event of stream) {
        // An execution is read from its start whatever is shown: its text can only be verified whole.
        if (event.sequence > (after ?? -1)) context.stdout.line(values.json ? JSON.stringify(event) : eventLine(event))
      }
      if (!('done' in stream)) return EXIT_CODE.ok
      const result = await stream.done
      if (values.json) context.stdout.line(resultLine(result))
      return finishExecution(result, context)
    } finally {
      client.close()
    }
  },
})

function parseChannel(channel: string | undefined): { kind: 'execution' | 'topic'; id: string } {
  const [, kind = 'topic', id] = CHANNEL.exec(channel ?? '') ?? []
  if (id !== undefined) return { kind: kind === 'execution' ? kind : 'topic', id }
  throw new UsageError(
    `${channel === undefined ? 'which channel?' : `"${channel}" is no channel`}`,
    'use execution:<id>, topic:<name> or the name of a topic',
  )
}

function parseCursor(text: string): number {
  if (/^(-1|\d{1,15})$/.test(text)) return Number(text)
  throw new UsageError(`--after "${text}" is not a sequence`, 'use the number of an event, or -1')
}
