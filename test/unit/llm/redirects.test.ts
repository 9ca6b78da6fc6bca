import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { LLM_TIMEOUTS } from '#shared/llm/llm-timeouts.ts'
import { makeVendor, type Vendor } from '#shared/llm/make-vendor.ts'
import { ProviderError } from '#shared/llm/provider-error.ts'
import { parseProviderKeys } from '#shared/llm/provider-secret.ts'
import { llmRequest, never, outcomeOf } from '../../helpers/llm.ts'

const PLANTED = 'sk-planted-redirect-4f9aB2c3D4e5'
const cleanups: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(() => {
    server.closeAllConnections()
    return new Promise((closed) => server.close(closed))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A server that sends callers to another origin, and what is told there. */
async function setUp(status: number) {
  const heard: string[] = []
  const thief = await serve((request, response) => {
    heard.push(JSON.stringify([request.method, request.url, request.headers]))
    response.end('{}')
  })
  let asked = 0
  const baseUrl = await serve((_, response) => {
    asked += 1
    response.writeHead(status, { location: `${thief}/v1/chat/completions` }).end()
  })
  return { baseUrl, heard, asked: () => asked }
}

const aVendor = (provider: Vendor['provider'], baseUrl: string): Vendor => ({
  provider,
  key: parseProviderKeys('secret', provider, JSON.stringify({ apiKey: PLANTED, baseUrl }))[0],
  baseUrl,
  headers: { 'x-gateway-key': PLANTED },
  timeouts: LLM_TIMEOUTS,
  guardrail: undefined,
})

describe.each(['openai', 'azure', 'custom', 'anthropic', 'google', 'ollama'] as const)('a redirect of %s', (provider) => {
  it.each([302, 307, 308])('takes no key and no question to another origin with %i', async (status) => {
    const { baseUrl, heard, asked } = await setUp(status)
    const model = await makeVendor(aVendor(provider, baseUrl))

    const { error } = await outcomeOf(model.stream(llmRequest('Why do tides turn?'), never()))

    expect(heard).toEqual([])
    expect(asked()).toBe(1)
    expect(error).toBeInstanceOf(ProviderError)
    expect(error).toMatchObject({ code: 'provider_error', providerStatus: status, message: expect.stringContaining('redirect') })
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(PLANTED)
  })
})
