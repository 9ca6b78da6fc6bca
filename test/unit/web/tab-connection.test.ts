import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ClientFrame } from '#shared/protocol/socket-frame.ts'
import { type Client, type ClientOptions, createClient } from '../../../web/client/index.ts'
import { unsignedToken } from '../../helpers/access-tokens.ts'
import { answer, executionEvents, sha256, started, topicEvent } from '../../helpers/execution-events.ts'
import { problem, type ScriptedFrontDoor, startScriptedFrontDoor } from '../../helpers/scripted-front-door.ts'

const QUICK = { backoffMs: 1, backoffCapMs: 5, gapMs: 20 }

let door: ScriptedFrontDoor
let tabs: Client[]

/** A tab of a browser: locks and broadcast channels of one process are shared as those of one origin are. */
function openTab({ timing, ...options }: Partial<ClientOptions> = {}): Client {
  const shared = { baseUrl: door.url, token: unsignedToken(), shareTabs: true, timing: { ...QUICK, ...timing } }
  const tab = createClient({ ...shared, ...options })
  tabs.push(tab)
  return tab
}

beforeEach(async () => {
  door = await startScriptedFrontDoor()
  tabs = []
})
afterEach(async () => {
  for (const tab of tabs) tab.close()
  await door.stop()
})

/** A tab with the socket, and one beside it. */
async function twoTabs() {
  const first = openTab()
  first.connect()
  const socket = await door.connection()
  const second = openTab()
  second.connect()
  await expect.poll(() => second.connection.transport).toBe('tabs')
  return { first, second, socket }
}

describe('tabs', () => {
  it('share one socket, and each gets what it follows', async () => {
    const { first, second, socket } = await twoTabs()
    const [one, two] = [first.execution('e1'), second.execution('e2')]
    const channels = [await socket.confirm('s1'), await socket.confirm('s2')]
    expect(channels).toEqual([-1, -1])
    socket.events('s1', answer(['one'], 'e1'))
    socket.events('s2', answer(['two'], 'e2'))

    expect(await one.done).toMatchObject({ text: 'one' })
    expect(await two.done).toMatchObject({ text: 'two' })
    expect(two.stats.transport).toBe('tabs')
    expect(first.connection).toMatchObject({ state: 'open', transport: 'socket' })
    expect(second.state).toBe('open')
  })

  it('follow one execution with one subscription, each from its place', async () => {
    const { first, second, socket } = await twoTabs()
    const events = answer(['a', 'b', 'c'])
    const early = first.execution('e1')
    await socket.confirm('s1')
    socket.events('s1', events.slice(0, 3))
    await expect.poll(() => early.state.cursor).toBe(2)
    const late = second.execution('e1')
    expect(await socket.confirm('s2')).toBe(-1)
    socket.events('s2', events)

    expect(await early.done).toMatchObject({ text: 'abc' })
    expect(await late.done).toMatchObject({ text: 'abc' })
  })

  it('go on from their cursors when the one with the socket is closed', async () => {
    const { first, second, socket } = await twoTabs()
    const events = answer(['a', 'b'])
    const stream = second.execution('e1')
    const topic = second.topic('news')
    await socket.confirm('s1')
    const { id } = await socket.take('subscribe')
    const payload = { channel: 'topic:news', subscription: 's2', after: 41 }
    socket.send({ message_type: 'subscription_confirmed', ...(id && { response_to: id }), payload })
    expect(await topic.ready).toBe(41)
    socket.events('s1', events.slice(0, 2))
    await expect.poll(() => stream.state.cursor).toBe(1)
    first.close()

    const next = await door.connection()
    const cursors = [await next.confirm('n1'), await next.confirm('n2')]
    expect(cursors.sort()).toEqual([1, 41])
    await expect.poll(() => second.connection.transport).toBe('socket')
    const [execution, news] = cursors[0] === 1 ? ['n1', 'n2'] : ['n2', 'n1']
    next.events(execution as string, events.slice(2))
    next.events(news as string, [topicEvent(42, 'hello')])

    expect(await stream.done).toMatchObject({ text: 'ab' })
    expect((await topic[Symbol.asyncIterator]().next()).value).toMatchObject({ sequence: 42 })
  })

  it('leave what they follow when they are closed', async () => {
    const { second, socket } = await twoTabs()
    second.topic('news', { after: 3 })
    await socket.confirm('s1')
    second.close()

    expect((await socket.take('unsubscribe')).payload.channel).toBe('topic:news')
  })

  it('are told what the server refuses', async () => {
    const { second, socket } = await twoTabs()
    const stream = second.execution('e1')
    const { id = '' } = await socket.take('subscribe')
    socket.send({ message_type: 'error', response_to: id, payload: { code: 'not_found', detail: 'gone', retryable: false } })

    await expect(stream.done).rejects.toMatchObject({ code: 'not_found' })
  })

  it('share what stands in for the socket, too', async () => {
    const events = answer(['a'])
    const { first, second, socket } = await twoTabs()
    door.allowStreams()
    door.refuse(Number.POSITIVE_INFINITY)
    socket.cut()
    await expect.poll(() => first.state).toBe('reconnecting')
    const stream = second.execution('e1')
    const sse = await door.stream()
    sse.events(events)

    expect(await stream.done).toMatchObject({ text: 'a' })
  })
})

describe('a tab beside one that has the lock', () => {
  const patience = { confirmMs: 200, pongMs: 200 }
  let wire: BroadcastChannel
  let release: PromiseWithResolvers<void>

  /** Holds the lock as a tab would, and answers pings or does not. */
  async function lead(answersPings: boolean): Promise<ClientFrame[]> {
    const name = `sluice.${sha256(JSON.stringify([door.url, 'acme', 'ann', 'executions:read']))}`
    const frames: ClientFrame[] = []
    release = Promise.withResolvers()
    const isHeld = Promise.withResolvers<void>()
    const hold = (): Promise<void> => {
      isHeld.resolve()
      return release.promise
    }
    navigator.locks.request(name, hold).catch(() => undefined)
    await isHeld.promise
    wire = new BroadcastChannel(name)
    wire.addEventListener('message', ({ data }) => {
      if (data.kind === 'hello') wire.postMessage({ kind: 'lead', from: 'frozen', state: 'open' })
      if (data.kind !== 'frame') return
      frames.push(data.frame)
      const frame = { message_type: 'pong', payload: { time: '' } }
      if (answersPings && data.frame.message_type === 'ping') wire.postMessage({ kind: 'answer', to: data.from, frame })
    })
    return frames
  }
  afterEach(() => {
    wire.close()
    release.resolve()
  })

  it('takes the socket over when that one is frozen', async () => {
    await lead(false)
    const stream = openTab({ timing: patience }).execution('e1')
    const socket = await door.connection()
    await socket.confirm('s1')
    socket.events('s1', answer(['a']))

    expect(await stream.done).toMatchObject({ text: 'a' })
  })

  it('asks again when that one lives but has not answered', async () => {
    const frames = await lead(true)
    openTab({ timing: patience }).execution('e1')

    await expect.poll(() => frames.filter(({ message_type }) => message_type === 'subscribe').length).toBeGreaterThan(1)
    expect(tabs[0]?.connection.transport).toBe('tabs')
  })
})

describe('tabs with something of their own', () => {
  it.each([
    ['subject', { sub: 'bob' }],
    ['tenant', { tenant: 'other' }],
    ['scopes', { scope: 'topics:read' }],
  ])('do not share with those of another: %s', async (_, claims) => {
    openTab().connect()
    await door.connection()
    const stranger = openTab({ token: unsignedToken(claims) })
    stranger.connect()

    await door.connection()
    await expect.poll(() => stranger.connection.transport).toBe('socket')
  })

  it('do not share with those of another front door', async () => {
    const other = await startScriptedFrontDoor()
    openTab().connect()
    await door.connection()
    openTab({ baseUrl: other.url }).connect()
    await other.connection()
    for (const tab of tabs.splice(0)) tab.close()
    await other.stop()
  })

  it('have a socket of their own when the token does not say whose it is, or sharing is switched off', async () => {
    for (const options of [{ token: 'opaque' }, { token: 'opaque' }, { shareTabs: false }, {}]) openTab(options).connect()
    for (let count = 0; count < 4; count += 1) await door.connection()
    await expect.poll(() => tabs.map(({ connection }) => connection.transport)).toEqual(Array(4).fill('socket'))
  })

  it('do not fail with the token of the tab that had the socket', async () => {
    const { first, second, socket } = await twoTabs()
    const [own, others] = [first.execution('e1'), second.execution('e2')]
    await socket.confirm('s1')
    await socket.confirm('s2')
    let refusals = 1
    door.on('POST /v1/tickets', () =>
      refusals-- > 0 ? problem('unauthorized', 'expired') : { status: 201, body: { ticket: 't9', expiresAt: '' } },
    )
    socket.cut()

    await expect(own.done).rejects.toMatchObject({ code: 'unauthorized' })
    const next = await door.connection()
    await next.confirm('n1')
    next.events('n1', executionEvents([started()], 'e2'))
    await expect.poll(() => others.state.cursor).toBe(0)
  })
})
