import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Client, createClient, type ExecutionStream } from '../../../web/client/index.ts'
import { answer } from '../../helpers/execution-events.ts'
import {
  problem,
  type ScriptedFrontDoor,
  type ScriptedStream,
  startScriptedFrontDoor,
} from '../../helpers/scripted-front-door.ts'

const QUICK = { backoffMs: 1, backoffCapMs: 5, gapMs: 20 }

let door: ScriptedFrontDoor
let client: Client

beforeEach(async () => {
  door = await startScriptedFrontDoor()
  client = createClient({ baseUrl: door.url, token: 'token', timing: QUICK })
})
afterEach(async () => {
  client.close()
  await door.stop()
})

/** Asks directly, and accepts. */
async function ask(signal?: AbortSignal): Promise<{ stream: ExecutionStream; run: ScriptedStream }> {
  door.allowStreams()
  const asked = client.run('assistant', 'Hi 🚢', { direct: true, idempotencyKey: 'k1', ...(signal && { signal }) })
  const run = await door.stream()
  run.notice('accepted', { executionId: 'e1', status: 'running' })
  return { stream: await asked, run }
}

it('posts the request with the token, the key and the hash of the body, and opens no socket', async () => {
  const { stream, run } = await ask()
  run.events(answer(['Hel', 'lo']))

  expect(await stream.done).toMatchObject({ executionId: 'e1', text: 'Hello', verified: true })
  const { method, path, headers, body } = run.request
  expect([method, path]).toEqual(['POST', '/streams/executions'])
  expect(body).toEqual({ agentId: 'assistant', input: { content: 'Hi 🚢' } })
  expect(headers).toMatchObject({
    'x-sluice-authorization': 'Bearer token',
    'idempotency-key': 'k1',
    'x-amz-content-sha256': createHash('sha256').update(JSON.stringify(body)).digest('hex'),
  })
  expect(headers.authorization).toBeUndefined()
  expect(client.state).toBe('closed')
})

it('shows previews until the next event replaces them', async () => {
  const { stream, run } = await ask()
  const texts: string[] = []
  stream.on({ text: (text) => texts.push(text) })
  const events = answer(['Hello', '!'])
  run.events(events.slice(0, 1))
  run.notice('preview', { text: 'Hel' })
  await expect.poll(() => stream.text).toBe('Hel')
  run.notice('preview', { text: 'lo' })
  await expect.poll(() => stream.text).toBe('Hello')
  expect(stream.state.text).toBe('')
  run.events(events.slice(1, 2))
  await expect.poll(() => stream.state.text).toBe('Hello')
  expect(stream.text).toBe('Hello')
  run.events(events.slice(2))

  await stream.done
  expect(stream.stats).toMatchObject({ previews: 2, transport: 'sse' })
  expect(texts).toEqual(['Hel', 'Hello', 'Hello!'])
})

it('goes on by the socket, from the cursor, when the answer breaks off', async () => {
  const { stream, run } = await ask()
  const events = answer(['a', 'b'])
  run.events(events.slice(0, 2))
  run.notice('preview', { text: 'half' })
  await expect.poll(() => stream.text).toBe('ahalf')
  run.cut()

  const socket = await door.connection()
  expect(await socket.confirm('s1')).toBe(1)
  socket.events('s1', events.slice(2))

  expect(await stream.done).toMatchObject({ text: 'ab' })
  expect(door.requests.filter(({ method }) => method === 'POST')).toHaveLength(1)
})

it('goes on by an event stream where there are no sockets', async () => {
  client = createClient({ baseUrl: door.url, token: 'token', timing: QUICK, transports: ['sse', 'poll'] })
  const { stream, run } = await ask()
  const events = answer(['a', 'b'])
  run.events(events.slice(0, 2))
  await expect.poll(() => stream.state.cursor).toBe(1)
  run.end()

  const rest = await door.stream()
  expect(rest.request.path).toContain('/streams/executions/e1?after=1')
  rest.events(events.slice(2))
  expect(await stream.done).toMatchObject({ text: 'ab' })
})

it('falls back to the queue, with the same key, when the door cannot be used', async () => {
  door.on('POST /streams/executions', () => problem('unavailable', 'no such door'))
  door.on('POST /v1/executions', () => ({ status: 202, body: { executionId: 'e1', status: 'queued' } }))
  const stream = await client.run('assistant', 'Hi', { direct: true, idempotencyKey: 'k1' })
  const socket = await door.connection()
  await socket.confirm('s1')
  socket.events('s1', answer(['ok']))

  expect(await stream.done).toMatchObject({ text: 'ok' })
  expect(door.requests.map(({ path, headers }) => [path, headers['idempotency-key']])).toEqual([
    ['/streams/executions', 'k1'],
    ['/v1/executions', 'k1'],
  ])
})

it('throws what the door says no to', async () => {
  door.on('POST /streams/executions', () => problem('validation_error', 'no such agent'))
  await expect(client.run('nobody', 'Hi', { direct: true })).rejects.toMatchObject({ code: 'validation_error' })
  expect(door.requests).toHaveLength(1)
})

it('lets go of the answer when it is detached', async () => {
  const { stream, run } = await ask()
  stream.detach()
  await run.closed
  await expect(stream.done).rejects.toMatchObject({ code: 'closed' })
  expect(stream.status).toBe('idle')
})

it('lets go of the answer when the signal says so', async () => {
  const abort = new AbortController()
  const { stream, run } = await ask(abort.signal)
  abort.abort(new Error('enough'))
  await run.closed
  await expect(stream.done).rejects.toThrow('enough')
})

it('lets go of the answer when the execution is followed already', async () => {
  const { stream, run } = await ask()
  const asked = client.run('assistant', 'Hi 🚢', { direct: true, idempotencyKey: 'k1' })
  const again = await door.stream()
  again.notice('accepted', { executionId: 'e1', status: 'running' })
  const second = await asked
  await again.closed
  run.events(answer(['a']))

  expect(await stream.done).toMatchObject({ text: 'a' })
  expect(await second.done).toMatchObject({ text: 'a' })
})

it('goes on by the open socket for a reader from the start, where that is the only other way', async () => {
  client = createClient({ baseUrl: door.url, token: 'token', timing: QUICK, transports: ['socket'] })
  client.connect()
  const socket = await door.connection()
  const { stream, run } = await ask()
  const events = answer(['a', 'b'])
  run.events(events.slice(0, 2))
  await expect.poll(() => stream.state.cursor).toBe(1)

  const second = client.execution('e1')
  await run.closed
  expect(await socket.confirm('s1')).toBe(-1)
  socket.events('s1', events)

  expect(await second.done).toMatchObject({ text: 'ab' })
  expect(await stream.done).toMatchObject({ text: 'ab' })
})
