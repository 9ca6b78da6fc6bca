import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { messageExecutionId } from '#shared/executions/dispatch-message.ts'
import { newId } from '#shared/platform/ids.ts'
import { deployedCloud } from '../helpers/deployed-cloud.ts'
import { launchChromium } from './chromium.ts'

const DOCUMENTS = join(import.meta.dirname, '../fixtures/documents')

let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser?.close())

/** The browser client as one script that leaves `sluice` on the page. */
async function clientScript(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, '../../web/client/index.ts')],
    bundle: true,
    format: 'iife',
    globalName: 'sluice',
    write: false,
  })
  return `${outputFiles[0]?.text}; globalThis.sluice = sluice`
}

it('verifies in a page the streams of five documents that an AWS client sent to the queue', async () => {
  const cloud = deployedCloud()
  const [topic, agentId] = [`documents-${newId()}`, `reader-${newId()}`]
  const llm = { provider: 'openai', service: 'demo', model: 'scripted-1' }
  await cloud.call('POST', '/v1/agents', { body: { agentId, name: 'Reader', topics: [topic], llm, autoStart: true } })
  const page = await browser.newPage()
  await page.goto(inject('frontDoorUrl'))
  await page.evaluate(await clientScript())
  const files = readdirSync(DOCUMENTS)
  const executionIds = files.map((id) => messageExecutionId('default', { source: 'test', id }, agentId))

  for (const id of files) {
    const data = { content: readFileSync(join(DOCUMENTS, id), 'utf8') }
    await cloud.sendToIngress(JSON.stringify({ specversion: '1.0', id, type: 'document', source: 'test', topic, data }))
  }
  const results = await page.evaluate(
    async ({ token, ids }) => {
      const { createClient } = (globalThis as typeof globalThis & { sluice: typeof import('../../web/client/index.ts') }).sluice
      const client = createClient({ baseUrl: location.origin, token })
      const stored = async (id: string): Promise<void> => {
        while (!(await client.getExecution(id).catch(() => undefined))) await new Promise((resolve) => setTimeout(resolve, 100))
      }
      return Promise.all(ids.map((id) => stored(id).then(() => client.execution(id).done)))
    },
    { token: inject('token'), ids: executionIds },
  )

  expect(results).toHaveLength(5)
  for (const result of results) expect(result).toMatchObject({ status: 'completed', verified: true })
})
