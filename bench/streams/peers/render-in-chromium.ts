import { build } from 'esbuild'
import { chromium, type Page } from 'playwright-core'
import type { LocalCloud } from '../../../localstack/local-cloud.ts'
import { findChromium } from '../../../scripts/ensure-chromium.ts'
import { percentile, rounded } from '../../delays/statistics.ts'
import type { Rendered, RenderRequest } from './page.ts'

/** The longest time in which a reader saw nothing new, in milliseconds: as drawn, not as received. */
export type RenderedRow = { name: string; paced: boolean; longestStallMs: number }

export type RenderOptions = { cloud: LocalCloud; agentId: string; content: string; samples: number; tell(line: string): void }

const PATIENCE_MS = 60_000
/** A page that no server sent may open no socket to this machine, unless the check is off. */
const CHROMIUM_ARGS = ['--no-sandbox', '--disable-background-networking', '--disable-features=LocalNetworkAccessChecks']
/** Steps in which a reply of ten seconds is drawn at least; with fewer it came another way than it was asked for. */
const FEWEST_STEPS = 20

/** Draws replies in Chromium, with and without pacing, in turns. */
export async function renderInChromium({ cloud, agentId, content, samples, tell }: RenderOptions): Promise<RenderedRow[]> {
  const executablePath = findChromium()
  if (!executablePath) throw new Error('Chromium is missing: install it, or set CHROMIUM_PATH')
  const browser = await chromium.launch({ executablePath, args: CHROMIUM_ARGS })
  try {
    const page = await openPage(await browser.newPage(), cloud.frontDoorUrl)
    const rows: RenderedRow[] = []
    for (const direct of [false, true]) {
      const stalls = new Map<boolean, number[]>([
        [true, []],
        [false, []],
      ])
      for (let done = 0; done < samples; done++) {
        for (const pacing of [true, false]) {
          tell(
            `Chromium: ${direct ? 'direct run' : 'socket'}, ${pacing ? 'paced' : 'not paced'}, reply ${done + 1} of ${samples}`,
          )
          const request: RenderRequest = { token: await cloud.token(), agentId, content, direct, pacing }
          const { longestStallMs, growths, transport } = await rendered(page, request)
          if (growths < FEWEST_STEPS || transport !== (direct ? 'sse' : 'socket'))
            throw new Error(`the reply was drawn in ${growths} steps and came on ${transport}`)
          stalls.get(pacing)?.push(longestStallMs)
        }
      }
      const name = direct ? 'sluice, direct run' : 'sluice, socket'
      for (const [paced, values] of stalls) rows.push({ name, paced, longestStallMs: rounded(percentile(values, 50)) })
    }
    return rows
  } finally {
    await browser.close()
  }
}

/** An empty page of the front door's origin with the client in it. */
async function openPage(page: Page, frontDoorUrl: string): Promise<Page> {
  const script = await bundle()
  await page.route(`${frontDoorUrl}/bench`, (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<!doctype html><title>bench</title><script type="module">${script}</script>`,
    }),
  )
  page.setDefaultTimeout(PATIENCE_MS)
  await page.goto(`${frontDoorUrl}/bench`)
  return page
}

const rendered = (page: Page, request: RenderRequest): Promise<Rendered> =>
  page.evaluate(
    (asked) => (globalThis as typeof globalThis & { render(request: RenderRequest): Promise<Rendered> }).render(asked),
    request,
  )

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [new URL('page.ts', import.meta.url).pathname],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2024',
    write: false,
    logLevel: 'warning',
  })
  const [file] = outputFiles
  if (!file) throw new Error('esbuild made no bundle')
  return file.text.replaceAll('</script', '<\\/script')
}
