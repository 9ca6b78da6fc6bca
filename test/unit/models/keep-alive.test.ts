import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { secretLlmProviders } from '#shared/llm/secret-llm-providers.ts'
import { memorySecretStore } from '#shared/platform/memory-secret-store.ts'
import { llmRequest, never, outcomeOf, textOf } from '../../helpers/llm.ts'

const CHUNKS = [
  { choices: [{ index: 0, delta: { content: 'Hi' }, finish_reason: null }] },
  { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
]

it('makes ten calls, one after the other, on connections that are kept', async () => {
  let sockets = 0
  const server = http.createServer((request, response) => {
    request.resume()
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const chunk of CHUNKS)
      response.write(
        `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', ...chunk })}\n\n`,
      )
    response.end('data: [DONE]\n\n')
  })
  server.on('connection', () => sockets++)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  const secrets = memorySecretStore({ 'sluice-test-openai-secret': JSON.stringify({ apiKey: 'key-for-tests-only', baseUrl }) })
  const providers = secretLlmProviders({ secrets, platform: 'sluice-test' })

  for (let call = 0; call < 10; call++) {
    const provider = await providers.open({ provider: 'openai', model: 'm' })
    const { events, error } = await outcomeOf(provider.stream(llmRequest('Hi'), never()))
    expect(error).toBeUndefined()
    expect(textOf(events)).toBe('Hi')
  }

  // The end of an answer may still be on its way when the next call begins: that one takes a second connection.
  expect(sockets).toBeLessThanOrEqual(2)
})
