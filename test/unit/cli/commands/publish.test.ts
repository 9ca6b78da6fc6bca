import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { CliClient } from '../../../../cli/connect.ts'
import { main } from '../../../../cli/main.ts'
import { cliContext } from '../../../helpers/cli-context.ts'

/** A topic that takes everything, and remembers it. */
function aTopic() {
  const taken: unknown[] = []
  const publish: CliClient['publish'] = async (topic, data, options) => {
    taken.push({ topic, data, idempotencyKey: options?.idempotencyKey })
    return { messageId: 'm1', topic }
  }
  return { publish, taken }
}

it('publishes the JSON and prints the id', async () => {
  const { publish, taken } = aTopic()
  const context = cliContext({ client: { publish } })

  expect(await main(['publish', 'news', '{"title":"Hi"}'], context)).toBe(0)
  expect(taken).toEqual([{ topic: 'news', data: { title: 'Hi' }, idempotencyKey: undefined }])
  expect(context.out()).toBe('m1\n')
})

it('passes the id on as idempotency key, and answers JSON', async () => {
  const { publish, taken } = aTopic()
  const context = cliContext({ client: { publish } })

  expect(await main(['publish', 'news', '1', '--id', 'k1', '--json'], context)).toBe(0)
  expect(taken).toEqual([{ topic: 'news', data: 1, idempotencyKey: 'k1' }])
  expect(JSON.parse(context.out())).toEqual({ messageId: 'm1', topic: 'news' })
})

it('reads stdin and files', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-cli-'))
  await writeFile(join(folder, 'message.json'), '{"from":"file"}')
  const { publish, taken } = aTopic()

  await main(['publish', 'news', '-'], cliContext({ client: { publish }, stdin: '{"from":"stdin"}' }))
  await main(['publish', 'news', `@${folder}/message.json`], cliContext({ client: { publish } }))

  expect(taken).toMatchObject([{ data: { from: 'stdin' } }, { data: { from: 'file' } }])
  await rm(folder, { recursive: true })
})

it.each([
  ['no data', ['news'], 'a message needs a topic and data'],
  ['a bare word', ['news', 'hello'], 'the data is not JSON'],
  ['a missing file', ['news', '@/nowhere/message.json'], 'ENOENT'],
  ['too much', ['news', '1', '2'], '"2" is too much'],
])('refuses %s before anything is sent', async (_, args, message) => {
  const { publish, taken } = aTopic()
  const context = cliContext({ client: { publish } })

  expect(await main(['publish', ...args], context)).toBe(2)
  expect(context.err()).toContain(message)
  expect(taken).toEqual([])
})

/** A client that takes batches, and refuses data that is an odd number. */
function batchTaker() {
  const taken: { topic: string; data: unknown[]; idempotencyKey: string | undefined }[] = []
  const publishBatch: CliClient['publishBatch'] = async (topic, messages, options) => {
    taken.push({ topic, data: messages.map(({ data }) => data), idempotencyKey: options?.idempotencyKey })
    return {
      results: messages.map(({ data }) =>
        typeof data === 'number' && data % 2 === 1
          ? { error: { code: 'validation_error' as const, detail: 'odd' } }
          : { messageId: `m-${String(data)}` },
      ),
    }
  }
  return { publishBatch, taken }
}

it('sends to one agent', async () => {
  const sent: unknown[] = []
  const send: CliClient['send'] = async (agentId, data, options) => {
    sent.push({ agentId, data, idempotencyKey: options?.idempotencyKey })
    return { messageId: 'm1', agentId, executionId: 'e1' }
  }
  const context = cliContext({ client: { send } })

  expect(await main(['publish', '--to', 'assistant', '{"content":"Hi"}', '--id', 'k1', '--json'], context)).toBe(0)
  expect(sent).toEqual([{ agentId: 'assistant', data: { content: 'Hi' }, idempotencyKey: 'k1' }])
  expect(JSON.parse(context.out())).toEqual({ messageId: 'm1', agentId: 'assistant', executionId: 'e1' })
})

it('publishes the lines of a file, 100 in a call, and prints the ids in their order', async () => {
  const { publishBatch, taken } = batchTaker()
  const stdin = Array.from({ length: 150 }, (_, index) => JSON.stringify(`t${index}`)).join('\n')
  const context = cliContext({ client: { publishBatch }, stdin: `${stdin}\n\n` })

  expect(await main(['publish', 'news', '--batch', '-', '--id', 'k1'], context)).toBe(0)

  expect(taken.map(({ data, idempotencyKey }) => [data.length, idempotencyKey])).toEqual([
    [100, 'k1/0'],
    [50, 'k1/1'],
  ])
  expect(context.out().trimEnd().split('\n')).toEqual(Array.from({ length: 150 }, (_, index) => `m-t${index}`))
})

it('says which lines were refused and why, and fails', async () => {
  const { publishBatch } = batchTaker()
  const context = cliContext({ client: { publishBatch }, stdin: '2\n3\n4' })

  expect(await main(['publish', 'news', '--batch', '-'], context)).toBe(1)

  expect(context.out()).toBe('m-2\n\nm-4\n')
  expect(context.err()).toContain('message 2: validation_error: odd')
})

it('makes smaller batches of large lines', async () => {
  const { publishBatch, taken } = batchTaker()
  const stdin = Array.from({ length: 4 }, () => JSON.stringify('x'.repeat(2_000_000))).join('\n')

  await main(['publish', 'news', '--batch', '-'], cliContext({ client: { publishBatch }, stdin }))

  expect(taken.map(({ data }) => data.length)).toEqual([2, 2])
})

it.each([
  ['a line that is no JSON', ['news', '--batch', '-'], 'line 2 is not JSON'],
  ['a batch for an agent', ['--to', 'assistant', '--batch', '-'], 'not to an agent'],
  ['a batch with data besides', ['news', '1', '--batch', '-'], '"1" is too much'],
  ['an agent without data', ['--to', 'assistant'], 'needs a topic and data'],
])('refuses %s before anything is sent', async (_, args, message) => {
  const { publishBatch, taken } = batchTaker()
  const context = cliContext({ client: { publishBatch }, stdin: '1\nhello\n' })

  expect(await main(['publish', ...args], context)).toBe(2)
  expect(context.err()).toContain(message)
  expect(taken).toEqual([])
})
