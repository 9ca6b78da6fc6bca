import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { launchChromium } from './chromium.ts'
import { consolePage } from './console-page.ts'

const frontDoorUrl = inject('frontDoorUrl')
const token = inject('token')
/** A PNG of one pixel. */
const DOT = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const INJECTION = '<img src=x onerror="window.injected = true"><script>window.injected = true</script>'

let browser: Browser
let context: BrowserContext
let page: Page
let shown: ReturnType<typeof consolePage>
let problems: string[]

async function openContext(options: BrowserContextOptions = {}): Promise<void> {
  await context?.close()
  context = await browser.newContext(options)
  page = await context.newPage()
  problems = []
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) problems.push(message.text())
  })
  shown = consolePage(page, frontDoorUrl)
}

/** The text that the server keeps of an execution. */
async function storedText(executionId: string): Promise<string> {
  const response = await fetch(new URL(`/v1/executions/${executionId}`, frontDoorUrl), {
    headers: { authorization: `Bearer ${token}` },
  })
  const { output } = await response.json()
  return output.text
}

beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser?.close())
beforeEach(() => openContext())
afterEach(() => expect(problems).toEqual([]))

describe('session', () => {
  it('signs in by a link and takes the token out of the address', async () => {
    await shown.signIn(token)
    await page.getByRole('heading', { name: 'Agents' }).waitFor()

    expect(page.url()).toBe(`${frontDoorUrl}/#/agents`)
    await page.getByRole('link', { name: 'Assistant', exact: true }).waitFor()
    await page.getByText('Live', { exact: true }).waitFor()
  })

  it('takes a pasted token, and forgets it when signed out', async () => {
    await shown.open('')
    await page.getByText('With a token').click()
    await page.getByLabel('Access token').fill(token)
    await page.locator('details').getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('link', { name: 'Assistant', exact: true }).waitFor()

    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.reload()

    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0)
  })

  it('lets a developer be who he likes, with the rights of that role alone', async () => {
    await shown.open('')
    await page.getByRole('textbox', { name: 'Sign in as' }).fill('ada')
    await page.getByLabel('Tenant').fill('acme')
    await page.getByLabel('Role').selectOption('viewer')
    await page.locator('local-sign-in').getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('ada · acme').waitFor()

    const status = await page.evaluate(async () => {
      const headers = { authorization: `Bearer ${sessionStorage.getItem('sluice.token')}`, 'content-type': 'application/json' }
      return (await fetch('/v1/topics/news/messages', { method: 'POST', headers, body: '{"data":1}' })).status
    })
    expect(status).toBe(403)
  })

  it('returns to the sign-in with a reason when the server does not take the token', async () => {
    const [header, claims] = token.split('.')
    await shown.signIn(`${header}.${claims}.${Buffer.alloc(32, 1).toString('base64url')}`)

    await page.getByText('Your session is over').waitFor()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  })
})

describe('agents', () => {
  it('are paused, resumed and deleted by keyboard', async () => {
    const name = `Reader ${crypto.randomUUID()}`
    const response = await fetch(new URL('/v1/agents', frontDoorUrl), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name, llm: { provider: 'scripted', model: 'script-1' }, autoStart: true }),
    })
    expect(response.status).toBe(201)
    await shown.signIn(token)
    const card = page.getByRole('listitem').filter({ hasText: name })
    const press = (button: string) => card.getByRole('button', { name: button, exact: true }).press('Enter')

    await press('Pause')
    await card.getByRole('status').getByText('paused').waitFor()
    await press('Resume')
    await card.getByRole('status').getByText('running').waitFor()
    await press('Delete…')
    await press('Keep')
    await press('Delete…')
    expect(await page.evaluate(() => document.activeElement?.localName)).toBe('sluice-app')
    await page.keyboard.press('Enter')

    await card.waitFor({ state: 'detached' })
  })
})

describe('chat', () => {
  beforeEach(async () => {
    await shown.signIn(token)
    await page.getByRole('link', { name: 'Assistant', exact: true }).click()
  })

  it('shows the tokens as they come, and the text the server keeps in the end', async () => {
    await shown.ask('Tell me about tides. [[tokens=250 rate=50]]')

    const steps = [await shown.answerBeyond(0)]
    for (let step = 0; step < 4; step += 1) steps.push(await shown.answerBeyond(steps.at(-1)?.length ?? 0))
    const mark = await shown.verified()

    const text = await shown.answer()
    for (const step of steps) expect(text.startsWith(step)).toBe(true)
    expect(mark).toMatch(/^✓ Complete: \d+ events, hash ok$/)
    expect(text).toBe(await storedText(await shown.executionId('assistant')))
  })

  it('goes on in mid-answer after a reload, without asking twice', async () => {
    await shown.ask('Tell me about rivers. [[tokens=500]]')
    const before = await shown.answerBeyond(50)

    await page.reload()
    const resumed = await shown.answerBeyond(before.length - 1)
    expect(resumed.startsWith(before)).toBe(true)
    await shown.verified()

    expect(await shown.answer()).toBe(await storedText(await shown.executionId('assistant')))
    expect(await page.locator('chat-turn').count()).toBe(1)
  })

  it('keeps several turns on one page', async () => {
    await shown.ask('First, in one sentence: what is a lock?')
    await shown.verified()
    await shown.ask('Second, in one sentence: what is a weir?')
    await shown.verified()
    await page.reload()

    await page.getByText('First, in one sentence').waitFor()
    await page.getByText('Second, in one sentence').waitFor()
  })

  it('tells what failed and what to do', async () => {
    await shown.ask('What is refused? [[status=401]]')

    await page.getByText('authentication_error').waitFor()
    await page.getByText('Check the provider’s secret').waitFor()
    expect(await shown.verified()).toMatch(/^Failed: \d+ events, hash ok$/)

    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('What is refused?').nth(1).waitFor()
  })

  it('stops an answer, and keeps what was said until then', async () => {
    await shown.ask('A long story, please. [[tokens=600 rate=20]]')
    await page.locator('chat-turn .said').waitFor()
    await page.getByRole('button', { name: 'Stop', exact: true }).click()

    expect(await shown.verified()).toMatch(/^Cancelled: \d+ events, hash ok$/)
    expect((await shown.answer()).length).toBeGreaterThan(0)
    expect(await page.getByRole('button', { name: 'Stop', exact: true }).count()).toBe(0)
  })

  it('sends images that were chosen, pasted and dropped, and shows them after a reload', async () => {
    const name = '<b>chosen</b>.png'
    await page.locator('input[type=file]').setInputFiles([
      { name, mimeType: 'image/png', buffer: Buffer.from(DOT, 'base64') },
      { name: 'page.png', mimeType: 'image/png', buffer: Buffer.from('<svg onload="window.injected = true"/>') },
    ])
    await page.getByText('unsupported_type').waitFor()
    await shown.give('paste', [{ name: 'pasted.png', type: 'image/png', base64: DOT }])
    await shown.give('drop', [{ name: 'dropped.png', type: 'image/png', base64: DOT }])
    await page.getByRole('button', { name: 'Remove pasted.png' }).press('Enter')
    const kept = page.getByRole('list', { name: 'Images of this question' })
    await page.getByText('2 images attached').waitFor({ state: 'attached' })
    expect(await kept.getByRole('listitem').count()).toBe(2)

    await page.getByRole('textbox').pressSequentially('What are these?')
    await page.keyboard.press('Enter')
    await shown.verified()

    const seen = `I see an image of the type image/png, ${Buffer.from(DOT, 'base64').length} bytes long.`
    expect(await shown.answer()).toBe(`${seen} ${seen}`)
    expect(await kept.count()).toBe(0)
    await page.reload()
    for (const known of [name, 'dropped.png']) {
      const image = page.getByRole('button', { name: `Enlarge ${known}` }).getByRole('img')
      await image.waitFor()
      expect(await image.evaluate((element) => element instanceof HTMLImageElement && element.naturalWidth)).toBe(1)
    }
    expect(await page.evaluate(() => 'injected' in window)).toBe(false)
  })

  it('shows markup as text', async () => {
    await shown.ask(`Say this in one sentence: ${INJECTION}`)
    await shown.verified()

    await page.getByText(INJECTION).waitFor()
    expect(await page.evaluate(() => 'injected' in window)).toBe(false)
  })
})

describe('topic', () => {
  beforeEach(async () => {
    await shown.signIn(token)
    await page.getByText('Live', { exact: true }).waitFor()
    await shown.open('#/topics/browser-test')
    await page.getByText('Listening').waitFor()
  })

  it('shows a published message once, markup as text', async () => {
    const data = { greeting: INJECTION }
    await page.getByLabel('Publish a message').fill(JSON.stringify(data))
    await page.getByRole('button', { name: 'Publish' }).click()

    const message = page.getByRole('log').locator('pre')
    await message.waitFor()
    expect(JSON.parse((await message.textContent()) ?? '')).toEqual(data)
    expect(await page.evaluate(() => 'injected' in window)).toBe(false)
  })

  it('says what is wrong with the JSON before anything is sent', async () => {
    await page.getByLabel('Publish a message').fill('{ "open": ')
    await page.getByRole('button', { name: 'Publish' }).click()

    await page.getByText('Not valid JSON').waitFor()
    await page.getByText('Listening').waitFor()
  })

  it('holds new messages back while it is paused', async () => {
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByLabel('Publish a message').fill('"while paused"')
    await page.getByRole('button', { name: 'Publish' }).click()

    await page.getByRole('button', { name: 'Resume (1 new)' }).click()

    await page.getByRole('log').getByText('while paused').waitFor()
  })
})

describe('every screen', () => {
  it.each(['light', 'dark'] as const)('fits 320 pixels in %s', async (colorScheme) => {
    await openContext({ colorScheme, viewport: { width: 320, height: 640 } })
    await shown.signIn(token)
    await page.getByRole('link', { name: 'Assistant', exact: true }).waitFor()
    expect(await shown.overflows()).toBe(false)
    await page.getByRole('link', { name: 'Assistant', exact: true }).click()
    await shown.ask(`In one sentence: ${'unbreakable'.repeat(20)}`)
    await shown.verified()
    expect(await shown.overflows()).toBe(false)
    await shown.open('#/topics/a-topic-with-a-rather-long-name.that-has-to-wrap-somewhere')
    await page.getByText('Listening').waitFor()
    expect(await shown.overflows()).toBe(false)
  })

  it('keeps what can be pressed inside, however long the name of an agent is', async () => {
    const agentId = `long-${crypto.randomUUID()}`
    const llm = { provider: 'scripted', model: 'script-1' }
    const long = { name: 'N'.repeat(100), description: 'wort'.repeat(100) }
    const response = await fetch(new URL('/v1/agents', frontDoorUrl), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ agentId, llm, ...long }),
    })
    expect(response.status).toBe(201)
    await openContext({ viewport: { width: 390, height: 844 } })
    await shown.signIn(token)
    await shown.open(`#/agents/${agentId}`)
    await page.getByText(long.description).waitFor()

    const box = await page.getByRole('button', { name: 'Send' }).boundingBox()
    expect(box && box.x + box.width).toBeLessThan(390)
  })

  it('says that its page cannot be fetched, and is there with another try', async () => {
    await shown.signIn(token)
    await page.getByRole('heading', { name: 'Agents' }).waitFor()
    await page.route('**/assets/models-page-*.js', (route) => route.abort())
    await shown.open('#/models')
    await page.getByText('The page cannot be fetched').waitFor()

    await page.unroute('**/assets/models-page-*.js')
    await page.getByRole('button', { name: 'Try again' }).click()

    await page.getByRole('heading', { name: 'Models', exact: true }).waitFor()
  })

  it('is dark or light as the system, until the switch says otherwise', async () => {
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    await openContext({ colorScheme: 'dark' })
    await shown.open('')
    const dark = await background()
    await page.emulateMedia({ colorScheme: 'light' })
    const light = await background()
    expect(dark).not.toBe(light)

    await page.getByRole('button', { name: 'Theme: auto' }).click()
    await page.getByRole('button', { name: 'Theme: light' }).click()

    expect(await background()).toBe(dark)
    await page.reload()
    expect(await background()).toBe(dark)
  })

  it('can be used with the keyboard alone', async () => {
    await shown.signIn(token)
    const link = page.getByRole('link', { name: 'Assistant', exact: true })
    await link.waitFor()
    const isFocused = () => link.evaluate((element) => element.matches(':focus-visible'))
    // Other tests leave agents, and each has its verbs.
    for (let stops = 0; stops < 500 && !(await isFocused()); stops += 1) await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Assistant', exact: true }).waitFor()

    await page.locator('textarea:focus').waitFor()
    await page.keyboard.type('First line, in one sentence')
    await page.keyboard.press('Shift+Enter')
    await page.keyboard.type('second line')
    await page.keyboard.press('Enter')

    await shown.verified()
    expect(await page.locator('chat-turn .question').textContent()).toBe('You: First line, in one sentence\nsecond line')
  })
})
