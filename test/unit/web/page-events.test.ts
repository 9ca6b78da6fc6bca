import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type Client, createClient } from '../../../web/client/index.ts'
import { answer } from '../../helpers/execution-events.ts'
import { type ScriptedFrontDoor, startScriptedFrontDoor } from '../../helpers/scripted-front-door.ts'

let door: ScriptedFrontDoor
let client: Client
let page: { document: EventTarget & { hidden: boolean }; window: EventTarget; navigator: { onLine: boolean } }

beforeEach(async () => {
  page = {
    document: Object.assign(new EventTarget(), { hidden: false }),
    window: new EventTarget(),
    navigator: { onLine: true },
  }
  for (const [name, value] of Object.entries(page)) vi.stubGlobal(name, value)
  door = await startScriptedFrontDoor()
  client = createClient({
    baseUrl: door.url,
    token: 'token',
    shareTabs: false,
    timing: { backoffMs: 60_000, backoffCapMs: 60_000 },
  })
})
afterEach(async () => {
  client.close()
  await door.stop()
  vi.unstubAllGlobals()
})

function goOnline(onLine: boolean): void {
  page.navigator.onLine = onLine
  page.window.dispatchEvent(new Event(onLine ? 'online' : 'offline'))
}

it('says that it is offline, and connects at once when the network is there again', async () => {
  const stream = client.execution('e1')
  const seen: string[] = []
  stream.on({ status: (status) => seen.push(status) })
  const first = await door.connection()
  await first.confirm('s1')
  const events = answer(['a', 'b'])
  first.events('s1', events.slice(0, 2))
  await expect.poll(() => stream.state.cursor).toBe(1)
  goOnline(false)
  first.cut()
  await expect.poll(() => stream.status).toBe('offline')
  goOnline(true)

  const second = await door.connection()
  expect(await second.confirm('s2')).toBe(1)
  second.events('s2', events.slice(2))
  expect(await stream.done).toMatchObject({ text: 'ab' })
  expect(seen).toEqual(['live', 'offline', 'connecting', 'catching-up', 'live', 'ended'])
})

it('asks a socket for a sign of life when the page is seen again', async () => {
  client.connect()
  const socket = await door.connection()
  await expect.poll(() => client.state).toBe('open')
  page.document.dispatchEvent(new Event('visibilitychange'))

  expect((await socket.take('ping')).message_type).toBe('ping')
})

it('does not while the page stays hidden', async () => {
  client.connect()
  const socket = await door.connection()
  await expect.poll(() => client.state).toBe('open')
  page.document.hidden = true
  page.document.dispatchEvent(new Event('visibilitychange'))
  const stream = client.execution('e1')

  expect(await socket.confirm('s1')).toBe(-1)
  stream.detach()
})
