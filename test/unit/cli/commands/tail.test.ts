import { expect, it } from 'vitest'
import type { CliClient } from '../../../../cli/connect.ts'
import { Interruption } from '../../../../cli/errors.ts'
import { main } from '../../../../cli/main.ts'
import { cliContext, executionStream, topicStream } from '../../../helpers/cli-context.ts'
import { answer, executionEvents, sha256, started, topicEvent } from '../../../helpers/execution-events.ts'

/** A client with one execution. */
const withExecution = (events = answer(['Hel', 'lo'])): Partial<CliClient> => ({
  execution: (_, options) => executionStream(events, options?.signal),
})

/** A client with one topic; remembers what was subscribed to. */
function withTopic() {
  const subscribed: unknown[] = []
  const topic: CliClient['topic'] = (name, options = {}) => {
    subscribed.push([name, options.after])
    return topicStream(name, [topicEvent(4, 'four'), topicEvent(5, { five: 5 })], options)
  }
  return { client: { topic }, subscribed }
}

it('shows an execution to its end', async () => {
  const context = cliContext({ client: withExecution() })

  expect(await main(['tail', 'execution:e1'], context)).toBe(0)
  const types = context
    .out()
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ +/)[3])
  expect(types).toEqual(['started', 'content_chunk', 'content_chunk', 'completed'])
})

it('shows what comes after a sequence, and still verifies the whole', async () => {
  const context = cliContext({ client: withExecution() })

  expect(await main(['tail', 'execution:e1', '--after', '1', '--json'], context)).toBe(0)
  const lines = context
    .out()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines.map(({ sequence }) => sequence)).toEqual([2, 3, undefined])
  expect(lines.at(-1)).toMatchObject({ type: 'result', text: 'Hello', verified: true })
})

it('ends with 1 when the execution failed', async () => {
  const data = { code: 'timeout', detail: 'the time was up', events: 2, sha256: sha256('') } as const
  const context = cliContext({ client: withExecution(executionEvents([started(), { type: 'timed_out', data }])) })

  expect(await main(['tail', 'execution:e1'], context)).toBe(1)
  expect(context.err()).toBe('error timeout: the time was up (execution e1 timed_out)\n')
})

it.each([
  ['a bare name', ['news'], ['news', undefined]],
  ['a channel', ['topic:news'], ['news', undefined]],
  ['a cursor', ['news', '--after', '3'], ['news', 3]],
  ['everything that is kept', ['news', '--after', '-1'], ['news', -1]],
])('follows a topic by %s until it is interrupted', async (_, args, subscription) => {
  const { client, subscribed } = withTopic()
  const context = cliContext({ client })

  const ended = main(['tail', ...args], context)
  await expect.poll(() => context.out()).toContain('   5  09:30:00.000  message        m5 {"five":5}\n')
  context.interrupt.abort(new Interruption('SIGINT'))

  expect(await ended).toBe(130)
  expect(subscribed).toEqual([subscription])
  expect(context.err()).toBe('')
})

it('ends with 3 when the first attempt to connect fails', async () => {
  const { client } = withTopic()
  const onState: CliClient['onState'] = (callback) => {
    callback('closed')
    setImmediate(() => callback('connecting'))
    setImmediate(() => callback('reconnecting'))
    return () => undefined
  }
  const context = cliContext({ client: { ...client, onState } })

  expect(await main(['tail', 'news'], context)).toBe(3)
  expect(context.err()).toContain('error network_error: the front door cannot be reached')
})

it('goes on when a connection that was there is lost, and tells a person', async () => {
  const { client } = withTopic()
  const onState: CliClient['onState'] = (callback) => {
    for (const state of ['connecting', 'open', 'reconnecting', 'reconnecting', 'open'] as const)
      setImmediate(() => callback(state))
    return () => undefined
  }
  const context = cliContext({ client: { ...client, onState }, isTTY: true })

  const ended = main(['tail', 'news'], context)
  await expect.poll(() => context.err()).toBe('connection lost, reconnecting …\nconnected again\n')
  context.interrupt.abort(new Interruption('SIGINT'))

  expect(await ended).toBe(130)
})

it.each([
  ['no channel', [], 'which channel?'],
  ['another kind of channel', ['queue:x'], '"queue:x" is no channel'],
  ['a name without an id', ['execution:'], '"execution:" is no channel'],
  ['a cursor that is none', ['news', '--after', 'yesterday'], '--after "yesterday" is not a sequence'],
  ['a cursor before the start', ['news', '--after', '-2'], '--after "-2" is not a sequence'],
])('refuses %s', async (_, args, message) => {
  const context = cliContext()

  expect(await main(['tail', ...args], context)).toBe(2)
  expect(context.err()).toContain(`error usage: ${message}`)
})
