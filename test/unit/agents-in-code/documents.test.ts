import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agentWorld, runAgent } from '#shared/runtime/testing.ts'
import { documents } from '../../../functions/agents/documents/agent.ts'

const PAGES: Record<string, { status: number; type: string; body: string }> = {
  '/page': { status: 200, type: 'text/html', body: '<h1>Gates</h1><script>no()</script><p>They hold water.</p>' },
  '/pdf': { status: 200, type: 'application/pdf', body: '%PDF' },
  '/broken': { status: 503, type: 'text/plain', body: 'later' },
  '/moved': { status: 302, type: 'text/plain', body: '' },
}

describe('documents', () => {
  let server: Server
  let address: string
  beforeAll(async () => {
    server = createServer((request, response) => {
      const { status, type, body } = PAGES[request.url ?? ''] ?? { status: 404, type: 'text/plain', body: 'none' }
      response.writeHead(status, { 'content-type': type, location: '/page' }).end(body)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => server.close())

  it('downloads a document, analyses its text, and keeps the analysis under its URL', async () => {
    const world = agentWorld(documents, { llm: ['About ', 'gates.'] })
    const document_url = `${address}/page`

    const run = await world.run({ document_url })

    const result = { document_url, characters: 'Gates\n\nThey hold water.'.length, analysis: 'About gates.' }
    expect(run).toMatchObject({ status: 'completed', text: 'About gates.', data: result })
    expect(world.llmCalls[0]?.messages.at(-1)?.content).toBe('Gates\n\nThey hold water.')
    expect(await world.run({ document_url }, { type: 'read-analysis' })).toMatchObject({ status: 'completed', data: result })
    expect(world.llmCalls).toHaveLength(1)
  })

  it('says when there is no analysis', async () => {
    const run = await runAgent(documents, { document_url: 'https://example.com/' }, { message: { type: 'read-analysis' } })

    expect(run).toMatchObject({ status: 'failed', error: { code: 'not_found' } })
  })

  it.each([[{}], [{ document_url: 7 }], [{ document_url: 'no url' }]])('requires a URL: %j', async (input) => {
    const run = await runAgent(documents, input)

    expect(run).toMatchObject({ status: 'failed', attempt: 1, error: { code: 'validation_error' } })
    expect(run.deadLetters).toHaveLength(1)
  })

  it.each([
    ['/pdf', 'validation_error', 1],
    ['/missing', 'validation_error', 1],
    ['/moved', 'validation_error', 1],
    ['/broken', 'network_error', 3],
  ])('fails for %s with %s', async (path, code, attempt) => {
    expect(await runAgent(documents, { document_url: `${address}${path}` })).toMatchObject({
      status: 'failed',
      attempt,
      error: { code },
    })
  })

  it.each(['http://example.com/', 'file:///etc/passwd', 'https://user:key@example.com/'])(
    'calls no address that a user must not reach, on a stage that is public: %s',
    async (document_url) => {
      const run = await runAgent(documents, { document_url }, { allowPrivateAddresses: false })

      expect(run).toMatchObject({ status: 'failed', attempt: 1, error: { code: 'validation_error' } })
    },
  )

  it.each(['https://127.0.0.1/', 'https://localhost/', 'https://[::1]/', 'https://169.254.169.254/latest/meta-data'])(
    'calls nothing inside: %s',
    async (document_url) => {
      const run = await runAgent(documents, { document_url }, { allowPrivateAddresses: false })

      expect(run.error).toMatchObject({ code: 'validation_error', detail: expect.stringContaining('is not a public address') })
    },
  )
})
