import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { launchChromium } from './chromium.ts'
import { consolePage } from './console-page.ts'

const frontDoorUrl = inject('frontDoorUrl')
const token = inject('token')

const SEARCH = 'call docs_search_docs {"query":"streams"}'
const ORDER = 'call order_status {"orderId":"A-1001"}'
const ECHO = 'call ask_echo {"content":"hello"}'

let browser: Browser
let page: Page
let shown: ReturnType<typeof consolePage>
let problems: string[]

async function api<Answer>(path: string): Promise<Answer> {
  const response = await fetch(new URL(path, frontDoorUrl), { headers: { authorization: `Bearer ${token}` } })
  return response.json() as Promise<Answer>
}

const step = (tool: string) => page.locator(`step-list li[data-tool="${tool}"]`)
const waits = (tool: string) => step(tool).getByText('waits for your decision').waitFor()
const done = (tool: string) => step(tool).getByText('done', { exact: true }).waitFor()

async function statusOf(executionId: string): Promise<string> {
  return (await api<{ status: string }>(`/v1/executions/${executionId}`)).status
}

beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser?.close())

beforeEach(async () => {
  page = await (await browser.newContext()).newPage()
  problems = []
  page.on('pageerror', (error) => problems.push(error.message))
  shown = consolePage(page, frontDoorUrl)
  await shown.signIn(token)
  await page.getByRole('link', { name: 'Researcher', exact: true }).click()
})
afterEach(async () => {
  await page.context().close()
  expect(problems).toEqual([])
})

describe('an agent with tools', () => {
  it('calls a server, waits for a person, calls a function and another agent, and is followed through a reload', async () => {
    await shown.ask(`${SEARCH}, then ${ORDER}, then ${ECHO}.`)
    await done('docs_search_docs')
    await waits('order_status')
    const executionId = await shown.executionId('researcher')
    await expect.poll(() => statusOf(executionId)).toBe('waiting_input')

    await page.reload()
    await waits('order_status')
    await step('order_status').getByLabel('Reason').fill('fine by me')
    await step('order_status').getByRole('button', { name: 'Approve' }).click()

    await done('order_status')
    await done('ask_echo')
    expect(await shown.verified()).toMatch(/^✓ Complete: \d+ events, hash ok$/)
    expect(await step('order_status').locator('details pre').textContent()).toContain('packed')

    const { events } = await api<{ events: { type: string; attempt: number }[] }>(`/v1/executions/${executionId}/events`)
    const count = (type: string) => events.filter((event) => event.type === type).length
    expect([count('tool_call'), count('tool_result'), count('retrying'), count('completed')]).toEqual([3, 3, 0, 1])
  })

  it('tells the model why a person said no', async () => {
    await shown.ask(ORDER)
    await waits('order_status')

    await page.getByRole('link', { name: 'Approvals' }).click()
    const executionId = await shown.executionId('researcher')
    const { approvals } = await api<{ approvals: { approvalId: string }[] }>(`/v1/approvals?executionId=${executionId}`)
    const card = page.locator(`[data-approval="${approvals[0]?.approvalId}"]`)
    await card.getByLabel('Reason').fill('not without a ticket')
    await card.getByRole('button', { name: 'Deny' }).click()
    await card.getByText(/^denied by .+: not without a ticket$/).waitFor()

    await page.goBack()
    await step('order_status').getByText('failed', { exact: true }).waitFor()
    await shown.verified()
    expect(await shown.answer()).toContain('not without a ticket')
  })

  it('ends at once when it is stopped in the middle, and nothing waits for a person any more', async () => {
    await shown.ask(`${SEARCH}, then ${ORDER}, then ${ECHO}.`)
    await done('docs_search_docs')
    await waits('order_status')
    const executionId = await shown.executionId('researcher')

    await page.getByRole('button', { name: 'Stop' }).click()

    await page.getByText(/^Cancelled: \d+ events, hash ok$/).waitFor()
    await step('order_status').getByText('not made').waitFor()
    expect(await step('ask_echo').count()).toBe(0)
    await expect.poll(() => statusOf(executionId)).toBe('cancelled')
    await expect.poll(() => api(`/v1/approvals?executionId=${executionId}&status=pending`)).toMatchObject({ approvals: [] })
  })
})

describe('the playground', () => {
  it('shows what the model is told, and asks it with other parameters', async () => {
    await shown.open('#/playground/assistant')
    await page.getByLabel('Input').fill('Hello there')
    await page.getByRole('button', { name: 'Show what the model is told' }).click()
    const told = page.getByRole('region', { name: 'What the model is told' })
    await told.getByText('You are a helpful assistant').waitFor()
    await page.getByText('Prompts', { exact: true }).click()
    await page.getByLabel('System prompt').fill('You are a very brief poet.')
    await page.getByRole('button', { name: 'Show what the model is told' }).click()
    await told.getByText('You are a very brief poet.').waitFor()

    await page.getByText('Parameters', { exact: true }).click()
    await page.getByLabel('Temperature').fill('0.15')
    await page.getByLabel('Max tokens').fill('5')
    await page.getByRole('button', { name: 'Run' }).click()

    expect(await shown.verified()).toContain('hash ok')
    expect((await shown.answer()).split(' ').length).toBeLessThan(12)
  })

  it('says so when there is no such agent, and offers another', async () => {
    await shown.open('#/playground/nobody')

    await page.getByText('There is no agent with a model that is called "nobody"').waitFor()
    expect(await page.getByLabel('Agent').inputValue()).not.toBe('')
  })
})

describe('the page of models', () => {
  it('shows who answered, and how fast', async () => {
    await shown.ask('Hello')
    await shown.verified()

    await page.getByRole('link', { name: 'Models' }).click()

    const card = page.locator('provider-card').filter({ hasText: 'sluice-local-demo-secret' }).first()
    await card.getByText('present').waitFor()
    expect(await card.getByText('in use').count()).toBe(1)
    await expect.poll(() => card.locator('dt:text-is("First token, p50") + dd').textContent()).toMatch(/\d/)
  })
})
