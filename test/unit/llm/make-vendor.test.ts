import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LlmEvent } from '#shared/llm/llm-provider.ts'
import { LLM_TIMEOUTS } from '#shared/llm/llm-timeouts.ts'
import { makeVendor, type Vendor } from '#shared/llm/make-vendor.ts'
import { llmRequest, never, outcomeOf, textOf } from '../../helpers/llm.ts'
import { type ReplayServer, startReplayServer } from '../../helpers/replay-server.ts'
import { bedrockFrames, bedrockStream } from '../../llm/bedrock-frames.ts'

let server: ReplayServer

beforeAll(async () => {
  server = await startReplayServer()
})
afterAll(() => server.close())

const vendor = (overrides: Partial<Vendor>): Vendor => ({
  provider: 'bedrock',
  key: undefined,
  baseUrl: '',
  headers: {},
  timeouts: LLM_TIMEOUTS,
  guardrail: undefined,
  ...overrides,
})

const ask = async (overrides: Partial<Vendor>): Promise<{ events: LlmEvent[]; error: unknown }> =>
  outcomeOf((await makeVendor(vendor(overrides))).stream(llmRequest('Hi'), never()))

describe('makeVendor', () => {
  describe('for Bedrock', () => {
    beforeEach(() => {
      vi.stubEnv('AWS_REGION', 'eu-west-1')
      vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAEXAMPLE')
      vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'planted')
      vi.stubEnv('AWS_ENDPOINT_URL', server.rootUrl)
      const { headers = {} } = bedrockStream('text')
      server.reply({ headers, chunks: [bedrockFrames('text')] })
    })
    afterEach(() => vi.unstubAllEnvs())

    it('calls with the guardrail of the settings', async () => {
      const { events, error } = await ask({ guardrail: { id: 'gr-7f2k', version: '2' } })

      expect({ error, text: textOf(events) }).toEqual({ error: undefined, text: 'The tide turns.' })
      expect(server.requests.at(-1)?.body).toMatchObject({
        guardrailConfig: { guardrailIdentifier: 'gr-7f2k', guardrailVersion: '2' },
      })
    })

    it('names none where there is none', async () => {
      await ask({})

      expect(server.requests.at(-1)?.body).not.toHaveProperty('guardrailConfig')
    })
  })

  it.each(['virtual', 'default'] as const)('makes no client of "%s", which stands for others', async (provider) => {
    await expect(makeVendor(vendor({ provider }))).rejects.toMatchObject({ code: 'validation_error', retryable: false })
  })
})
