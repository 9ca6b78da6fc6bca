import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { type FlakyNetwork, startFlakyNetwork } from '../../bench/streams/flaky-network.ts'
import { deployedCloud } from '../helpers/deployed-cloud.ts'
import { launchChromium } from './chromium.ts'
import { consolePage } from './console-page.ts'

/** About eight seconds of text. */
const QUESTION = 'Tell me everything about canals. [[tokens=400 rate=50]]'

const cloud = deployedCloud()
let browser: Browser
let network: FlakyNetwork
let context: BrowserContext
let page: Page
let shown: ReturnType<typeof consolePage>

/** The text that the server keeps of the last execution on a page. */
async function storedText(chat: ReturnType<typeof consolePage>): Promise<string> {
  const executionId = await chat.executionId('assistant')
  const { body } = await cloud.call('GET', `/v1/executions/${executionId}`)
  return (body.output as { text: string }).text
}

async function openChat(on: Page): Promise<ReturnType<typeof consolePage>> {
  const chat = consolePage(on, network.url)
  await chat.signIn(inject('token'))
  await on.getByRole('link', { name: 'Assistant', exact: true }).click()
  return chat
}

beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser?.close())
beforeEach(async () => {
  network = await startFlakyNetwork(inject('frontDoorUrl'))
  context = await browser.newContext()
  page = await context.newPage()
  shown = await openChat(page)
})
afterEach(async () => {
  await context.close()
  await network.stop()
})

describe('an answer is whole', () => {
  it('after five seconds without a network in the middle of it', async () => {
    await shown.ask(QUESTION)
    const before = await shown.answerBeyond(50)

    await context.setOffline(true)
    network.cut()
    await page.waitForTimeout(5_000)
    network.restore()
    await context.setOffline(false)

    expect(await shown.verified()).toContain('hash ok')
    const text = await shown.answer()
    expect(text.startsWith(before)).toBe(true)
    expect(text).toBe(await storedText(shown))
  })

  it('when the network stays open and carries nothing any more', async () => {
    await shown.ask(QUESTION)
    await shown.answerBeyond(50)

    network.freeze()

    expect(await shown.verified()).toContain('hash ok')
    expect(await shown.answer()).toBe(await storedText(shown))
  })

  it('in two tabs that share one socket, when the one that holds it is closed', async () => {
    await shown.ask(QUESTION)
    await shown.answerBeyond(50)
    const second = await context.newPage()
    const secondChat = await openChat(second)
    await secondChat.ask(QUESTION)
    await secondChat.answerBeyond(50)

    await page.close()

    expect(await secondChat.verified()).toContain('hash ok')
    expect(await secondChat.answer()).toBe(await storedText(secondChat))
  })
})

describe('the connection drawer', () => {
  it('says how the answer comes, by keyboard, and closes with Escape', async () => {
    await shown.ask('In one sentence: what is a weir?')
    await shown.verified()

    await page.getByRole('button', { name: 'Live' }).press('Enter')
    const drawer = page.locator('connection-drawer')
    await drawer.getByText('WebSocket').first().waitFor()
    await drawer.getByText('Gaps healed').waitFor()
    await drawer.getByRole('img', { name: /^Delay of \d+ frames/ }).waitFor()
    await page.keyboard.press('Escape')

    await drawer.waitFor({ state: 'detached' })
  })
})
