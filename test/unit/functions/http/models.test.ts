import { describe, expect, it } from 'vitest'
import { readStageModel } from '#shared/models/default-model.ts'
import { noFigures } from '#shared/models/latency-store.ts'
import { memorySecretStates } from '#shared/platform/memory-secret-states.ts'
import { modelListSchema, type ShownVirtualModel, virtualModelListSchema } from '#shared/protocol/model.ts'
import { ROLES, type Scope } from '#shared/protocol/scopes.ts'
import { httpCaller } from '../../../helpers/http-caller.ts'

const FACTS = { contextTokens: 8_192, price: { input: 150_000, output: 600_000 } }
const RULE = { strategy: 'cheapest', candidates: [{ provider: 'openai', model: 'gpt-4o-mini' }], needs: { tools: true } }
const BUDGET = { period: 'month', limitUsd: 50 }

const names = (body: unknown): string[] => modelListSchema.parse(body).models.map(({ provider, model }) => `${provider}/${model}`)

describe('/v1/models', () => {
  it('lists the catalogue with what the tenant says over it, by provider', async () => {
    const { call } = httpCaller()

    const put = await call('PUT', '/v1/models/custom/llama-3*', { body: FACTS })
    await call('PUT', '/v1/models/openai/gpt-4', { body: { contextTokens: 9_000 } })
    const { body } = await call('GET', '/v1/models', { query: { provider: 'custom' } })
    const openai = modelListSchema.parse((await call('GET', '/v1/models', { query: { provider: 'openai' } })).body)

    expect(put).toMatchObject({ status: 200, body: { ...FACTS, model: 'llama-3*', source: 'tenant', asOf: '2026-11-21' } })
    expect(body).toEqual({ models: [put.body] })
    expect(openai.models.find(({ model }) => model === 'gpt-4')).toMatchObject({
      contextTokens: 9_000,
      maxOutputTokens: 8_192,
      source: 'tenant',
    })
  })

  it('gives pages that together are the whole list', async () => {
    const { call } = httpCaller()
    const whole = names((await call('GET', '/v1/models', { query: { limit: '200' } })).body)
    const pages: string[] = []
    for (let query: Record<string, string> | undefined = { limit: '7' }; query; ) {
      const { body } = await call('GET', '/v1/models', { query })
      pages.push(...names(body))
      const { next } = modelListSchema.parse(body)
      query = next === undefined ? undefined : { limit: '7', after: next }
    }

    expect(pages).toEqual(whole)
    expect(whole.length).toBeGreaterThan(50)
  })

  it('takes a name as gateways give it, decoded or not', async () => {
    const { call } = httpCaller()
    await call('PUT', '/v1/models/ollama/llama2%3A13b', { body: FACTS })
    const { body } = await call('PUT', '/v1/models/ollama/llama2:13b', { body: { contextTokens: 1 } })

    expect(body).toMatchObject({ model: 'llama2:13b' })
    expect(names((await call('GET', '/v1/models', { query: { provider: 'ollama' } })).body)).toEqual([
      'ollama/*',
      'ollama/llama2:13b',
    ])
    expect((await call('PUT', '/v1/models/ollama/100%', { body: FACTS })).status).toBe(422)
  })

  it('takes back what was said, once', async () => {
    const { call } = httpCaller()
    await call('PUT', '/v1/models/custom/llama', { body: FACTS })

    expect((await call('DELETE', '/v1/models/custom/llama')).status).toBe(204)
    expect((await call('DELETE', '/v1/models/custom/llama')).status).toBe(404)
    expect((await call('DELETE', '/v1/models/openai/gpt-4')).status).toBe(404)
  })

  it.each([
    ['a negative price', { price: { input: -1, output: 1 } }],
    ['a price beyond all bills', { price: { input: 1e15, output: 1 } }],
    ['no tokens', { contextTokens: 0 }],
    ['tokens that are no number', { contextTokens: '8192' }],
    ['a source of its own', { source: 'vendor' }],
    ['an unknown ability', { abilities: { flying: true } }],
    ['an unknown parameter', { drops: ['mood'] }],
    ['a parameter a thousand times', { drops: Array.from({ length: 1_000 }, () => 'topP') }],
  ])('refuses %s', async (_what, body) => {
    const { call } = httpCaller()

    expect((await call('PUT', '/v1/models/custom/llama', { body })).body).toMatchObject({ code: 'validation_error' })
  })

  it.each(['virtual', 'default', 'nobody'])('says nothing of %s, which is no vendor', async (provider) => {
    const { call } = httpCaller()

    expect((await call('PUT', `/v1/models/${provider}/x`, { body: FACTS })).status).toBe(422)
  })

  it('has room for two hundred, and for changes of them', async () => {
    const { call, dependencies } = httpCaller()
    for (let index = 0; index < 200; index++)
      await dependencies.modelOverrides.put('acme', `custom#m${index}`, {
        provider: 'custom',
        model: `m${index}`,
        asOf: '2026-11-21',
        source: 'tenant',
      })

    expect((await call('PUT', '/v1/models/custom/one-more', { body: FACTS })).status).toBe(409)
    expect((await call('PUT', '/v1/models/custom/m7', { body: FACTS })).status).toBe(200)
  })

  it.each(['bm90aGluZw', '%%%', 'openai#gpt-4'])('refuses the forged cursor %s', async (after) => {
    const { call } = httpCaller()

    expect((await call('GET', '/v1/models', { query: { after } })).status).toBe(422)
  })
})

describe('/v1/virtual-models', () => {
  /** By their names. */
  async function listed(call: ReturnType<typeof httpCaller>['call']): Promise<Record<string, ShownVirtualModel>> {
    const { body } = await call('GET', '/v1/virtual-models')
    const { virtualModels } = virtualModelListSchema.parse(body)
    return Object.fromEntries(virtualModels.map((rule) => [rule.name, rule]))
  }

  it('has fast, smart and cheap, and tells why they come to no model', async () => {
    const shown = await listed(httpCaller().call)

    expect(Object.keys(shown)).toEqual(['cheap', 'fast', 'smart'])
    for (const { builtIn } of Object.values(shown))
      expect(builtIn).toEqual({ reason: expect.stringMatching(/has no key for any of its models .*npx sluice keys set/) })
  })

  it('tells which model a built-in one comes to: of a vendor with a key, or that of the stage', async () => {
    const secretStates = memorySecretStates({ 'sluice-test-google-secret': { status: 'present' } })
    const stageModel = { model: readStageModel({ LLM_MODEL: 'gpt-4.1' }), secret: undefined }

    expect(await listed(httpCaller({ secretStates, platform: 'sluice-test' }).call)).toMatchObject({
      smart: { builtIn: { now: { provider: 'google', model: 'gemini-3-pro' } } },
    })
    expect(await listed(httpCaller({ stageModel }).call)).toMatchObject({
      smart: { builtIn: { now: { provider: 'default', model: 'default' } } },
    })
  })

  it('takes the one that answered first for fast', async () => {
    const secretStates = memorySecretStates({
      'sluice-test-google-secret': { status: 'present' },
      'sluice-test-anthropic-secret': { status: 'present' },
    })
    const { call, dependencies } = httpCaller({ secretStates, platform: 'sluice-test' })
    const key = { provider: 'google', service: 'google', model: 'gemini-3.5-flash' }
    const figures = { ...noFigures(), calls: 1, counts: noFigures().counts.with(0, 1) }
    await dependencies.latencies.add('acme', [{ key, hour: Date.parse('2026-11-21T09:00:00Z'), figures }])

    expect(await listed(call)).toMatchObject({ fast: { builtIn: { now: { provider: 'google' } } } })
  })

  it("shows the tenant's own rule in place of a built-in one until it is removed", async () => {
    const { call } = httpCaller()
    await call('PUT', '/v1/virtual-models/smart', { body: RULE })

    expect((await listed(call)).smart).toEqual({ name: 'smart', ...RULE })
    await call('DELETE', '/v1/virtual-models/smart')
    expect((await listed(call)).smart).toHaveProperty('builtIn')
  })

  it('are stored, listed and removed', async () => {
    const { call } = httpCaller()

    expect(await call('PUT', '/v1/virtual-models/fast', { body: RULE })).toMatchObject({
      status: 200,
      body: { name: 'fast', ...RULE },
    })
    expect(await listed(call)).toMatchObject({ fast: { name: 'fast', ...RULE } })
    expect((await call('DELETE', '/v1/virtual-models/fast')).status).toBe(204)
    expect(await call('DELETE', '/v1/virtual-models/fast')).toMatchObject({
      status: 404,
      body: { detail: expect.stringContaining('of your own') },
    })
  })

  it.each([
    ['a candidate that is virtual', 'fast', { ...RULE, candidates: [{ provider: 'virtual', model: 'smart' }] }],
    ['a base URL', 'fast', { ...RULE, candidates: [{ provider: 'custom', model: 'x', baseUrl: 'https://evil.example.com' }] }],
    ['a name that is a path', '..%2Ffast', RULE],
    ['a name with a number sign', 'fast%23x', RULE],
  ])('refuses %s', async (_what, name, body) => {
    const { call } = httpCaller()

    expect((await call('PUT', `/v1/virtual-models/${name}`, { body })).status).toBe(422)
  })
})

describe('/v1/budgets', () => {
  it('are stored, listed with what is left, and removed', async () => {
    const { call, dependencies } = httpCaller()
    const { body } = await call('PUT', '/v1/budgets/monthly', { body: BUDGET })
    const window = { tenant: 'acme', budgetId: 'monthly', period: '2026-11' }
    const held = { holdId: 'h', amountMicroUsd: 5_000_000, until: Date.parse('2027-01-01') }
    await dependencies.budgetStore.hold(window, held, undefined, 0)
    await dependencies.budgetStore.settle(window, held, 12_500_000)
    await dependencies.budgetStore.hold(window, { ...held, holdId: 'i' }, undefined, 0)

    expect(body).toMatchObject({ budgetId: 'monthly', action: 'stop', warnAtPercent: 80, leftMicroUsd: 50_000_000, percent: 0 })
    expect((await call('GET', '/v1/budgets')).body).toEqual({
      budgets: [
        {
          budgetId: 'monthly',
          scope: {},
          period: 'month',
          warnAtPercent: 80,
          action: 'stop',
          limitMicroUsd: 50_000_000,
          spentMicroUsd: 12_500_000,
          reservedMicroUsd: 5_000_000,
          leftMicroUsd: 32_500_000,
          percent: 25,
          renewsAt: '2026-12-01T00:00:00.000Z',
        },
      ],
    })
    expect((await call('DELETE', '/v1/budgets/monthly')).status).toBe(204)
    expect((await call('DELETE', '/v1/budgets/monthly')).status).toBe(404)
  })

  it('keep what was spent when they are changed', async () => {
    const { call, dependencies } = httpCaller()
    const window = { tenant: 'acme', budgetId: 'monthly', period: '2026-11' }
    const held = { holdId: 'h', amountMicroUsd: 1, until: Date.parse('2027-01-01') }
    await dependencies.budgetStore.hold(window, held, undefined, 0)
    await dependencies.budgetStore.settle(window, held, 60_000_000)

    const { body } = await call('PUT', '/v1/budgets/monthly', { body: BUDGET })

    expect(body).toMatchObject({ spentMicroUsd: 60_000_000, leftMicroUsd: 0, percent: 120 })
  })

  it('are fifty at the most', async () => {
    const { call } = httpCaller()
    const put = async (id: string) => (await call('PUT', `/v1/budgets/${id}`, { body: BUDGET })).status
    for (let index = 0; index < 50; index++) await put(`b${index}`)

    expect([await put('one-more'), await put('b7')]).toEqual([409, 200])
  })
})

describe('what a tenant says of models', () => {
  const PUTS: [string, unknown][] = [
    ['/v1/models/openai/gpt-4', FACTS],
    ['/v1/virtual-models/ours', RULE],
    ['/v1/budgets/monthly', BUDGET],
  ]

  it.each(PUTS)('at %s is nobody else’s', async (path, body) => {
    const { call, tokenOf } = httpCaller()
    await call('PUT', path, { body })
    const token = await tokenOf('globex')
    const list = path.slice(0, path.indexOf('/', '/v1/'.length))

    expect(JSON.stringify((await call('GET', list, { token })).body)).not.toMatch(/"tenant"|"ours"|"monthly"/)
    expect((await call('DELETE', path, { token })).status).toBe(404)
    expect((await call('DELETE', path)).status).toBe(204)
  })

  it.each(PUTS)('at %s takes its scopes', async (path, body) => {
    const { call, tokenOf } = httpCaller()
    const list = path.slice(0, path.indexOf('/', '/v1/'.length))
    const status = async (method: string, to: string, scopes: readonly Scope[]) =>
      (await call(method, to, { token: await tokenOf('acme', scopes), ...(method === 'PUT' && { body }) })).status

    expect(await status('PUT', path, ['models:read', 'agents:write'])).toBe(403)
    expect(await status('DELETE', path, ['models:read', 'agents:write'])).toBe(403)
    expect(await status('GET', list, ['models:write'])).toBe(403)
    expect(await status('PUT', path, ['models:write'])).toBe(200)
    expect(await status('GET', list, ['models:read'])).toBe(200)
    expect((await call('GET', list, { token: null })).status).toBe(401)
  })

  it('is not for those who define agents to change', () => {
    const writers = Object.entries(ROLES).filter(([, scopes]) => scopes.some((scope) => scope === 'models:write'))

    expect(writers.map(([role]) => role)).toEqual(['admin', 'operator'])
  })
})
