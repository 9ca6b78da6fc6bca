import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FlakyNetwork, startFlakyNetwork } from '../../bench/streams/flaky-network.ts'
import { deployedCloud } from '../helpers/deployed-cloud.ts'
import { launchChromium } from './chromium.ts'

/** What an `onmessage` of the examples is given. */
type Seen = { eventType: string; sequence: number; content?: string; final_response?: string }

const cloud = deployedCloud()
let browser: Browser
let network: FlakyNetwork
let page: Page

/** The page's list of what came. */
const seen = (): Promise<Seen[]> => page.evaluate('window.seen')

async function untilCompleted(): Promise<Seen[]> {
  await expect.poll(async () => (await seen()).at(-1)?.eventType).toBe('completed')
  return seen()
}

function expectWhole(events: Seen[]): void {
  expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_event, index) => index))
  const text = events.map(({ content }) => content ?? '').join('')
  expect(events.at(-1)?.final_response).toBe(text)
}

beforeAll(async () => {
  browser = await launchChromium()
  network = await startFlakyNetwork(cloud.frontDoorUrl)
  page = await browser.newPage()
  await page.goto(network.url)
})
afterAll(async () => {
  await browser?.close()
  await network?.stop()
})

describe('the examples of plain browser code', () => {
  it('EventSource gets an answer whole, comes back by itself after a cut, and stays away when all is told', async () => {
    const executionId = await cloud.ask('assistant', 'A long answer, please. [[tokens=150 rate=40]]')
    const ticket = await cloud.ticket()

    await page.evaluate(`
      window.seen = []
      window.eventSource = new EventSource('/agent-stream/${executionId}?ticket=${ticket}')
      eventSource.onmessage = (event) => seen.push(JSON.parse(event.data))
    `)
    await expect.poll(async () => (await seen()).length).toBeGreaterThan(3)
    network.cut()
    network.restore()

    expectWhole(await untilCompleted())
    await expect.poll(() => page.evaluate('eventSource.readyState')).toBe(2)
  })

  it('a socket that is opened for an execution gets its events, one a message', async () => {
    const executionId = await cloud.ask('assistant', 'In one sentence: what is a lock?')
    const ticket = await cloud.ticket()

    await page.evaluate(`
      window.seen = []
      const ws = new WebSocket('/ws/agent-stream/${executionId}?ticket=${ticket}')
      ws.onmessage = (event) => seen.push(JSON.parse(event.data))
    `)

    expectWhole(await untilCompleted())
  })

  it('a socket subscribes, asks, and logs every message', async () => {
    const ticket = await cloud.ticket()

    await page.evaluate(`
      window.seen = []
      const ws = new WebSocket('/ws?agent=assistant&ticket=${ticket}')
      ws.onopen = () => {
        ws.send(JSON.stringify({ message_type: 'subscribe', payload: { topic: 'health_events' } }))
        ws.send(JSON.stringify({
          message_type: 'agent_request',
          payload: { query: 'Analyze this health data', task_type: 'analyze_health', parameters: { patient_id: '12345' } },
        }))
      }
      ws.onmessage = (event) => seen.push(JSON.parse(event.data))
    `)
    const types = (): Promise<string[]> => page.evaluate('seen.map(({ message_type }) => message_type)')
    await expect.poll(types).toContain('agent_response')

    expect(await types()).toEqual(
      expect.arrayContaining(['subscription_confirmed', 'agent_request_accepted', 'realtime_event', 'agent_response']),
    )
  })
})
