import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { secretLlmProviders } from '#shared/llm/secret-llm-providers.ts'
import { memorySecretStore } from '#shared/platform/memory-secret-store.ts'
import type { LlmSettings } from '#shared/protocol/llm.ts'
import { llmRequest, never, outcomeOf } from '../../helpers/llm.ts'
import { type ReplayServer, startReplayServer } from '../../helpers/replay-server.ts'
import { fixture } from '../../llm/fixture.ts'

let server: ReplayServer

beforeAll(async () => {
  server = await startReplayServer()
})
afterAll(() => server.close())

/** What a custom server hears of a definition's headers. */
async function heard(headers: LlmSettings['headers'], secret: Record<string, unknown> = {}) {
  server.reply({ chunks: [fixture('custom-text.txt')] })
  const text = JSON.stringify({ apiKey: 's3cret', baseUrl: server.url, ...secret })
  const secrets = memorySecretStore({ 'p-gateway-secret': text })
  const providers = secretLlmProviders({ secrets, platform: 'p', modelHosts: ['127.0.0.1'] })
  const model = await providers.open({ provider: 'custom', model: 'm', service: 'gateway', baseUrl: server.url, headers })
  await outcomeOf(model.stream(llmRequest('Hi'), never()))
  return server.requests.at(-1)?.headers
}

describe('headers of a definition', () => {
  it.each([
    [{ secret: 'gateway', prefix: 'Token ' }, 'Token s3cret'],
    [{ secret: 'gateway' }, 's3cret'],
    ['as it is', 'as it is'],
  ])('%j are sent as "%s"', async (value, sent) => {
    expect(await heard({ 'x-api-token': value })).toMatchObject({ 'x-api-token': sent })
  })

  it('win over the SDK’s own, and those of the secret over them', async () => {
    const said = { authorization: { secret: 'gateway', prefix: 'Basic ' }, 'x-team': 'red' }

    expect(await heard(said, { headers: { 'x-team': 'blue' } })).toMatchObject({
      authorization: 'Basic s3cret',
      'x-team': 'blue',
    })
  })
})
