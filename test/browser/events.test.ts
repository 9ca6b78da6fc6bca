import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { newId } from '#shared/platform/ids.ts'
import { type FlakyNetwork, startFlakyNetwork } from '../../bench/streams/flaky-network.ts'
import { deployedCloud } from '../helpers/deployed-cloud.ts'
import { launchChromium } from './chromium.ts'
import { consolePage } from './console-page.ts'

const cloud = deployedCloud()
const INJECTION = '<img src=x onerror=window.injected=1>'

let browser: Browser
let network: FlakyNetwork
let page: Page
let shown: ReturnType<typeof consolePage>
let tenant: string
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser?.close())
beforeEach(async () => {
  tenant = `events-${newId()}`
  network = await startFlakyNetwork(cloud.frontDoorUrl)
  page = await (await browser.newContext({ viewport: { width: 320, height: 640 } })).newPage()
  shown = consolePage(page, network.url)
  await shown.signIn(await cloud.token({ tenant }))
  await page.getByText('Live', { exact: true }).waitFor()
})
afterEach(async () => {
  await page.context().close()
  await network.stop()
})

const status = (text: string) => page.getByRole('status').getByText(text, { exact: true })
const row = (type: string) => page.getByRole('listitem').filter({ hasText: type })

async function openEvents(query = ''): Promise<void> {
  await shown.open(`#/events${query}`)
  await status('Listening').waitFor()
}

/** Registers an agent in the tenant of the test, which is told as `agent.created`; returns its id. Its script does not exist. */
async function createAgent(name: string, autoStart = false): Promise<string> {
  const llm = { provider: 'scripted', model: 'missing' }
  const { body } = await cloud.call('POST', '/v1/agents', { caller: { tenant }, body: { name, llm, autoStart } })
  return String(body.agentId)
}

/** The agents of the rows, from the first to the last. */
const shownAgents = () => row('agent.created').getByRole('link').allTextContents()

it('says what would appear, and shows it as it happens, its details by keyboard', async () => {
  await page.getByRole('link', { name: 'Events' }).press('Enter')
  await page.getByLabel('Kind of events').selectOption('Agents')
  await page.getByRole('heading', { name: 'Nothing yet' }).waitFor()
  expect(await shown.overflows()).toBe(false)

  const agentId = await createAgent(INJECTION)

  const created = row('agent.created')
  expect(await created.getByRole('link', { name: agentId }).getAttribute('href')).toBe(`#/agents/${agentId}`)
  await created.getByRole('button', { name: 'More about agent.created' }).press('Enter')
  const details = JSON.parse((await created.locator('pre').textContent()) ?? '')
  expect(details).toMatchObject({ type: 'agent.created', data: { agentId, name: INJECTION } })
  expect(await shown.overflows()).toBe(false)
  expect(await page.evaluate(() => 'injected' in window)).toBe(false)
})

it('misses nothing, and repeats nothing, across a drop and a reload', async () => {
  await openEvents('?type=agent.')
  const agents = [await createAgent('before')]
  await expect.poll(shownAgents).toEqual(agents)

  network.cut()
  agents.push(await createAgent('during the drop'))
  network.restore()
  await expect.poll(shownAgents).toEqual(agents)
  await page.goto('about:blank')
  agents.push(await createAgent('during the reload'))
  await page.goBack()

  await expect.poll(shownAgents).toEqual(agents)
})

it('shows what the filter in the address asks for, with the code of an error', async () => {
  await openEvents()
  const [agentId, other] = [await createAgent('failing', true), await createAgent('other')]
  await cloud.call('POST', '/v1/executions', { caller: { tenant }, body: { agentId, input: { content: 'Hello?' } } })
  await row('execution.failed').getByText('validation_error').waitFor()

  await page.getByLabel('Kind of events').selectOption('Agents')
  await row('execution.failed').waitFor({ state: 'detached' })
  await expect.poll(shownAgents).toEqual([agentId, other])
  await page.getByLabel('Agent', { exact: true }).fill(other)
  await page.keyboard.press('Enter')
  await expect.poll(shownAgents).toEqual([other])
  expect(page.url()).toContain(`#/events?type=agent.&agent=${other}`)

  await page.goBack()
  await page.goBack()
  await row('execution.failed').waitFor()
})

it('holds the display while it is paused, and loses nothing', async () => {
  await openEvents('?type=agent.')
  await page.getByRole('button', { name: 'Pause' }).click()
  const agents = [await createAgent('one'), await createAgent('two')]
  await page.getByRole('button', { name: 'Resume (2 new)' }).waitFor()
  expect(await shownAgents()).toEqual([])

  await page.getByRole('button', { name: 'Resume (2 new)' }).click()

  await expect.poll(shownAgents).toEqual(agents)
})
