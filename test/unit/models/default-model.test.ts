import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { memoryBucketStore } from '#shared/limits/memory-bucket-store.ts'
import { vendorOpener } from '#shared/llm/open-vendor.ts'
import { providerKeys } from '#shared/llm/provider-keys.ts'
import { secretFor } from '#shared/llm/secret-for.ts'
import {
  allModelHosts,
  namedSecret,
  readStageModel,
  resolveDefault,
  type StageModelVariables,
} from '#shared/models/default-model.ts'
import { keyedOpener } from '#shared/models/keyed-opener.ts'
import { memoryKeyStateStore } from '#shared/models/memory-key-state-store.ts'
import { sharedKeyPool } from '#shared/models/shared-key-pool.ts'
import { systemClock } from '#shared/platform/clock.ts'
import { memoryLog } from '#shared/platform/log.ts'
import { memorySecretStore } from '#shared/platform/memory-secret-store.ts'
import type { LlmSettings } from '#shared/protocol/llm.ts'
import { llmRequest, never, outcomeOf, textOf } from '../../helpers/llm.ts'
import { type ReplayServer, startReplayServer } from '../../helpers/replay-server.ts'
import { fixture } from '../../llm/fixture.ts'

const ARN = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:ours-AbCdEf'
const ENDPOINT = 'https://models.example:8443/v1'

const DEFAULT: LlmSettings = { provider: 'default', model: 'default' }

const resolved = (variables: StageModelVariables, settings: Partial<LlmSettings> = {}) =>
  resolveDefault({ ...DEFAULT, ...settings }, readStageModel(variables))

describe('the model of a stage', () => {
  it.each<[StageModelVariables, provider: string, model: string]>([
    [{ LLM_MODEL: 'gpt-4.1' }, 'openai', 'gpt-4.1'],
    [{ LLM_MODEL: 'qwen3', LLM_ENDPOINT: ENDPOINT }, 'custom', 'qwen3'],
    [{ LLM_MODEL: 'anthropic/claude-haiku-4-5' }, 'anthropic', 'claude-haiku-4-5'],
    [{ LLM_MODEL: 'ollama/llama3.2', LLM_ENDPOINT: ENDPOINT }, 'ollama', 'llama3.2'],
    [{ LLM_MODEL: 'custom/meta-llama/Llama-3', LLM_ENDPOINT: ENDPOINT }, 'custom', 'meta-llama/Llama-3'],
    // Names of models have slashes too.
    [{ LLM_MODEL: 'meta-llama/Llama-3', LLM_ENDPOINT: ENDPOINT }, 'custom', 'meta-llama/Llama-3'],
    [{ LLM_MODEL: 'openai' }, 'openai', 'openai'],
  ])('is of %j the one of %s named %s', (variables, provider, model) => {
    expect(readStageModel(variables)).toMatchObject({ provider, model })
  })

  it.each([
    [`${ENDPOINT}/chat/completions`, ENDPOINT],
    [`${ENDPOINT}/chat/completions/`, ENDPOINT],
    [`${ENDPOINT}/completions`, ENDPOINT],
    [ENDPOINT, ENDPOINT],
    ['https://models.example/chat/completions/v2', 'https://models.example/chat/completions/v2'],
  ])('is at %s as %s', (LLM_ENDPOINT, endpoint) => {
    expect(readStageModel({ LLM_MODEL: 'm', LLM_ENDPOINT })).toMatchObject({ endpoint })
  })

  it('is none without a name', () => {
    expect(readStageModel({ LLM_ENDPOINT: ENDPOINT, LLM_API_KEY_SECRET_ARN: ARN })).toBeUndefined()
    expect(namedSecret({ LLM_API_KEY_SECRET_ARN: ARN })).toBeUndefined()
    expect(() => resolveDefault(DEFAULT, undefined)).toThrow(
      expect.objectContaining({ code: 'validation_error', retryable: false }),
    )
  })
})

describe('settings with the provider "default"', () => {
  it('become those of the stage: vendor, key, endpoint', () => {
    const variables = { LLM_MODEL: 'custom/qwen3', LLM_ENDPOINT: ENDPOINT, LLM_API_KEY_SECRET_ARN: ARN }

    expect(resolved(variables)).toEqual({ provider: 'custom', model: 'qwen3', service: 'default', baseUrl: ENDPOINT })
    expect(resolved(variables, { model: 'other' })).toMatchObject({ model: 'other' })
  })

  it('have no address for a vendor that has its own, and no service without a secret', () => {
    expect(resolved({ LLM_MODEL: 'openai/gpt-4.1', LLM_ENDPOINT: ENDPOINT })).toEqual({ provider: 'openai', model: 'gpt-4.1' })
    expect(resolved({ LLM_MODEL: 'ollama/llama3', LLM_ENDPOINT: ENDPOINT })).toMatchObject({ baseUrl: ENDPOINT })
  })

  it('say neither an address nor headers nor a service of their own', () => {
    const own = { baseUrl: 'https://evil.example/v1', headers: { 'x-a': 'b' }, service: 'payroll' }

    expect(resolved({ LLM_MODEL: 'gpt-4.1' }, own)).toEqual({ provider: 'openai', model: 'gpt-4.1' })
  })

  it.each([
    [10, undefined, 10],
    [10, 5, 5],
    [10, 20, 10],
    [undefined, 20, 20],
  ])('take no longer than %s s: %s s becomes %s s', (LLM_TIMEOUT, asked, totalSeconds) => {
    const timeouts = { firstTokenSeconds: 3, ...(asked !== undefined && { totalSeconds: asked }) }

    expect(resolved({ LLM_MODEL: 'm', LLM_TIMEOUT }, { timeouts }).timeouts).toEqual({ firstTokenSeconds: 3, totalSeconds })
  })

  it.each([
    [100, undefined, 100],
    [100, 50, 50],
    [100, 200, 100],
    [undefined, 200, 200],
  ])('answer with no more than %s tokens: %s become %s', (LLM_MAX_TOKENS, maxTokens, limit) => {
    expect(resolved({ LLM_MODEL: 'm', LLM_MAX_TOKENS }, maxTokens === undefined ? {} : { maxTokens }).maxTokens).toBe(limit)
  })

  it('are the only ones that change', () => {
    const settings: LlmSettings = { provider: 'google', model: 'm', maxTokens: 9_999 }

    expect(resolveDefault(settings, readStageModel({ LLM_MODEL: 'm', LLM_MAX_TOKENS: 1 }))).toBe(settings)
  })
})

describe('the secret that a stage names', () => {
  it.each<[StageModelVariables, string | undefined]>([
    [{ LLM_MODEL: 'qwen3', LLM_ENDPOINT: `${ENDPOINT}/chat/completions` }, ENDPOINT],
    [{ LLM_MODEL: 'anthropic/claude', LLM_ENDPOINT: undefined }, 'https://api.anthropic.com'],
    [{ LLM_MODEL: 'gpt-4.1' }, 'https://api.openai.com/v1'],
    // Where nothing says the address, the secret must.
    [{ LLM_MODEL: 'azure/ours' }, undefined],
  ])('is of %j for %s', (variables, baseUrl) => {
    expect(namedSecret({ ...variables, LLM_API_KEY_SECRET_ARN: ARN })).toEqual({ service: 'default', secret: ARN, baseUrl })
    expect(namedSecret(variables)).toBeUndefined()
  })
})

it('lets models be called at the host of the stage, besides those of its list', () => {
  expect(allModelHosts(['127.0.0.1'], { LLM_ENDPOINT: ENDPOINT })).toEqual(['127.0.0.1', 'models.example:8443'])
  expect(allModelHosts(['127.0.0.1'], {})).toEqual(['127.0.0.1'])
})

describe('the key of a stage', () => {
  const KEY = 'key-of-the-stage'
  let [stage, thief]: ReplayServer[] = []

  beforeAll(async () => {
    ;[stage, thief] = await Promise.all([startReplayServer(), startReplayServer()])
  })
  beforeEach(() => {
    for (const server of [stage, thief]) server?.reply({ chunks: [fixture('openai-text.txt')] })
  })
  afterAll(() => Promise.all([stage?.close(), thief?.close()]))

  /** Asks as a deployed stage does. */
  async function ask(settings: LlmSettings, { hasSecret = true, modelHosts = [] as string[] } = {}) {
    const variables = {
      LLM_MODEL: 'qwen3',
      LLM_ENDPOINT: `${stage?.url}/chat/completions`,
      ...(hasSecret && { LLM_API_KEY_SECRET_ARN: ARN }),
    }
    const secrets = memorySecretStore({ [ARN]: KEY })
    const keys = providerKeys({ secrets, platform: 'p', named: namedSecret(variables) })
    const states = memoryKeyStateStore()
    const pool = sharedKeyPool({ keys, states, buckets: memoryBucketStore(), clock: systemClock, log: memoryLog() })
    const openVendor = vendorOpener({
      secretFor: secretFor({ secrets, platform: 'p' }),
      secretName: keys.secretName,
      modelHosts: allModelHosts(modelHosts, variables),
    })
    const before = { stage: stage?.requests.length ?? 0, thief: thief?.requests.length ?? 0 }
    const open = keyedOpener({ pool, openVendor })
    const model = open(resolveDefault(settings, readStageModel(variables)), { waits: false })
    const outcome = await model.then(
      (provider) => outcomeOf(provider.stream(llmRequest('Hi'), never())),
      (error: unknown) => ({ events: [], error }),
    )
    return {
      ...outcome,
      atStage: stage?.requests.slice(before.stage) ?? [],
      atThief: thief?.requests.slice(before.thief) ?? [],
    }
  }

  it('goes to its endpoint', async () => {
    const { events, atStage } = await ask(DEFAULT)

    expect(textOf(events)).toBe('The tide turns.')
    expect(atStage).toMatchObject([{ path: '/v1/chat/completions', headers: { authorization: `Bearer ${KEY}` } }])
  })

  it('goes there whatever an agent says', async () => {
    const { atStage, atThief } = await ask({ ...DEFAULT, baseUrl: `${thief?.url}`, headers: { 'x-a': { secret: 'default' } } })

    expect(atStage).toHaveLength(1)
    expect(atThief).toEqual([])
  })

  it.each([
    ['named as a service', 'custom'],
    ['named as a service of Ollama', 'ollama'],
  ] as const)('goes nowhere else when it is %s, at a host of the list or not', async (_, provider) => {
    const settings: LlmSettings = { provider, model: 'm', service: 'default', baseUrl: `${thief?.url}` }

    for (const modelHosts of [[], ['127.0.0.1']]) {
      const { error, atThief } = await ask(settings, { modelHosts })
      expect(error).toMatchObject({ name: 'SecretOriginError', code: 'authentication_error' })
      expect(atThief).toEqual([])
    }
  })

  it.each(['openai', 'anthropic', 'google'] as const)('goes to its endpoint when %s is to be asked with it', async (provider) => {
    const { atStage } = await ask({ provider, model: 'm', service: 'default' })

    expect(atStage.length).toBeGreaterThan(0)
  })

  it('is not needed at an endpoint without one, and nobody else is called so', async () => {
    const keyless = await ask(DEFAULT, { hasSecret: false })
    const foreign = await ask({ provider: 'custom', model: 'm', baseUrl: `${thief?.url}` }, { hasSecret: false })

    expect(keyless.atStage).toMatchObject([{ path: '/v1/chat/completions' }])
    expect(keyless.atStage[0]?.headers).not.toHaveProperty('authorization')
    expect(foreign.error).toMatchObject({ code: 'validation_error' })
    expect(foreign.atThief).toEqual([])
  })
})
