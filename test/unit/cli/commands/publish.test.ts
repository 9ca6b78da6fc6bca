import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { main } from '../../../../cli/main.ts'
import type { Client } from '../../../../web/client/index.ts'
import { cliContext } from '../../../helpers/cli-context.ts'

/** A topic that takes everything, and remembers it. */
function aTopic() {
  const taken: unknown[] = []
  const publish: Client['publish'] = async (topic, data, options) => {
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
