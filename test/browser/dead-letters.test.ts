import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { newId } from '#shared/platform/ids.ts'
import { deployedCloud, eventually } from '../helpers/deployed-cloud.ts'
import { launchChromium } from './chromium.ts'
import { consolePage } from './console-page.ts'

const cloud = deployedCloud()
const INJECTION = '<img src=x onerror=window.injected=1>'

let browser: Browser
let page: Page
let tenant: string
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser?.close())
beforeEach(async () => {
  tenant = `console-${newId()}`
  page = await (await browser.newContext({ viewport: { width: 320, height: 640 } })).newPage()
})
afterEach(() => page.context().close())

/** Sends what nobody can handle, and waits until it lies in the dead-letter queue. */
async function refused(...bodies: string[]): Promise<void> {
  for (const body of bodies) await cloud.sendToIngress(body, { tenant })
  await eventually(async () => {
    const { body } = await cloud.call('GET', '/v1/dead-letters', { caller: { tenant } })
    return (body.deadLetters as unknown[]).length === bodies.length ? true : undefined
  })
}

async function openDeadLetters() {
  const shown = consolePage(page, cloud.frontDoorUrl)
  await shown.signIn(await cloud.token({ tenant }))
  await page.getByRole('link', { name: 'Dead letters' }).click()
  return shown
}

it('says that there are none', async () => {
  const shown = await openDeadLetters()

  await page.getByRole('heading', { name: 'No dead letters' }).waitFor()
  expect(await shown.overflows()).toBe(false)
})

it('shows why, and discards one after asking, by keyboard', async () => {
  await refused('{"broken', `{"note":${JSON.stringify(INJECTION)}}`)
  const shown = await openDeadLetters()
  const broken = page.getByRole('listitem').filter({ hasText: '{"broken' })
  await broken.getByText('the message is not JSON').waitFor()
  await page.getByRole('listitem').filter({ hasText: INJECTION }).waitFor()
  expect(await shown.overflows()).toBe(false)

  await broken.getByRole('button', { name: 'Discard…' }).press('Enter')
  await broken.getByRole('button', { name: 'Cancel' }).press('Enter')
  await broken.getByRole('button', { name: 'Discard…' }).press('Enter')
  await page.keyboard.press('Enter')

  await page.getByText('1 discarded.').waitFor()
  await broken.waitFor({ state: 'detached' })
  expect(await page.getByRole('listitem').count()).toBe(1)
  expect(await page.evaluate(() => 'injected' in window)).toBe(false)
})

it('sends back all that a filter shows', async () => {
  await refused('{"broken', '"no address"')
  await openDeadLetters()

  await page.getByLabel('Reason').fill('not_found')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'None like this' }).waitFor()
  await page.getByLabel('Reason').fill('validation_error')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Send all back…' }).click()
  await page.getByRole('button', { name: 'Send all back', exact: true }).click()

  await page.getByText('2 sent back.').waitFor()
})
