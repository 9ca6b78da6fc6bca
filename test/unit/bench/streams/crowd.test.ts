import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import type { ExecutionEvent } from '#shared/protocol/stream-event.ts'
import { brokenInCrowd } from '../../../../bench/streams/crowd.ts'
import { type CrowdViewer, openCrowdViewer } from '../../../../bench/streams/crowd-viewer.ts'
import { answer } from '../../../helpers/execution-events.ts'

let server: WebSocketServer
let viewer: CrowdViewer | undefined

beforeEach(async () => {
  server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
})
afterEach(() => {
  viewer?.close()
  server.close()
})

/** A viewer of a server that confirms and sends these events. */
async function viewerOf(events: ExecutionEvent[]): Promise<CrowdViewer> {
  server.on('connection', (socket) =>
    socket.on('message', () => {
      socket.send(JSON.stringify({ message_type: 'subscription_confirmed', payload: {} }))
      socket.send(JSON.stringify({ message_type: 'realtime_event', payload: { events } }))
    }),
  )
  viewer = await openCrowdViewer(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'token')
  await viewer.follow('e1')
  return viewer
}

const EVENTS = answer(['one', 'two'])
const [first, second, third, end] = EVENTS as [ExecutionEvent, ExecutionEvent, ExecutionEvent, ExecutionEvent]

describe('a viewer', () => {
  it('is whole with every event once, in order', async () => {
    const whole = await viewerOf(EVENTS)

    await whole.ended
    expect(whole.isWhole()).toBe(true)
  })

  it.each([
    ['one is left out', [first, third, end]],
    ['one comes twice', [first, second, second, third, end]],
    ['two are swapped', [first, third, second, end]],
  ])('is not when %s', async (_what, events) => {
    const broken = await viewerOf(events)

    await broken.ended
    expect(broken.isWhole()).toBe(false)
  })

  it('is told when its connection ends before the reply', async () => {
    const cut = await viewerOf([first])
    for (const socket of server.clients) socket.close()

    await expect(cut.ended).rejects.toThrow('closed')
    expect(cut.isWhole()).toBe(false)
  })
})

describe('a crowd', () => {
  it('is in order when everybody is whole and those beyond the writer’s have a shard', () => {
    expect(brokenInCrowd({ viewers: 240, whole: 240, spreadOfEndsMs: 300, shards: 1 })).toEqual([])
    expect(brokenInCrowd({ viewers: 200, whole: 200, spreadOfEndsMs: 300, shards: 0 })).toEqual([])
  })

  it('is not when somebody lacks something, or the writer served them all', () => {
    expect(brokenInCrowd({ viewers: 240, whole: 239, spreadOfEndsMs: 300, shards: 1 })).toHaveLength(1)
    expect(brokenInCrowd({ viewers: 240, whole: 240, spreadOfEndsMs: 300, shards: 0 })).toHaveLength(1)
  })
})
