import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it, onTestFinished, vi } from 'vitest'
import { secretLlmProviders } from '#shared/llm/secret-llm-providers.ts'
import { memorySecretStore } from '#shared/platform/memory-secret-store.ts'
import type { LlmSettings } from '#shared/protocol/llm.ts'
import { llmRequest, never, outcomeOf, textOf } from '../../helpers/llm.ts'
import { bedrockStream } from '../../llm/bedrock-frames.ts'
import { eventStream, fixture } from '../../llm/fixture.ts'
import type { CellReply } from '../../llm/provider-under-test.ts'

const NDJSON: CellReply = { headers: { 'content-type': 'application/x-ndjson' }, body: fixture('ollama-text.txt') }

const ANSWERS: [provider: LlmSettings['provider'], reply: CellReply][] = [
  ['openai', eventStream('openai-text')],
  ['azure', eventStream('azure-text')],
  ['custom', eventStream('custom-text')],
  ['anthropic', eventStream('anthropic-text')],
  ['google', eventStream('google-text')],
  ['ollama', NDJSON],
  ['bedrock', bedrockStream('text')],
]

afterEach(() => vi.unstubAllEnvs())

/** A server that answers everything alike, and counts who connects. */
async function startServer({ headers = {}, body }: CellReply) {
  let sockets = 0
  const server = http.createServer((request, response) => {
    request.resume()
    request.once('end', () => response.writeHead(200, headers).end(body))
  })
  server.on('connection', () => sockets++)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets: () => sockets }
}

it.each(ANSWERS)('makes ten calls of %s, one after the other, on connections that are kept', async (provider, reply) => {
  const server = await startServer(reply)
  vi.stubEnv('AWS_REGION', 'eu-west-1')
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAEXAMPLE')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'planted')
  vi.stubEnv('AWS_ENDPOINT_URL', server.url)
  const secret = JSON.stringify({ apiKey: 'key-for-tests-only', baseUrl: server.url })
  const secrets = memorySecretStore({ 'sluice-test-ours-secret': secret })
  const providers = secretLlmProviders({ secrets, platform: 'sluice-test' })

  for (let call = 0; call < 10; call++) {
    const model = await providers.open({ provider, model: 'm', service: 'ours' })
    const { events, error } = await outcomeOf(model.stream(llmRequest('Hi'), never()))
    expect(error).toBeUndefined()
    expect(textOf(events)).toContain('The tide turns')
  }

  // The end of an answer may still be on its way when the next call begins: that one takes a second connection.
  expect(server.sockets()).toBeLessThanOrEqual(2)
})
