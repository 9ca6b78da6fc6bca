import { describe, expect, it } from 'vitest'
import type { LlmEvent } from '#shared/llm/llm-provider.ts'
import type { LlmCaller } from '#shared/llm/llm-providers.ts'
import { WHOLE } from '#shared/models/breaker.ts'
import { candidatesOf } from '#shared/models/candidates.ts'
import { readStageModel } from '#shared/models/default-model.ts'
import type { LlmSettings } from '#shared/protocol/llm.ts'
import { llmRequest, never, outcomeOf, textOf } from '../../helpers/llm.ts'
import { CALLER, type ModelWorldOptions, modelWorld, refusing, saying, settings } from '../../helpers/model-calls.ts'

const gpt = settings({ provider: 'openai', model: 'gpt-4o' })

const HAIKU = { provider: 'anthropic', model: 'claude-haiku-4-5' } as const
const MINI = { provider: 'openai', model: 'gpt-4o-mini' } as const

type World = ReturnType<typeof modelWorld>

async function ask(
  world: World,
  asked: LlmSettings,
  { caller = CALLER, in: providers = world.container() }: { caller?: LlmCaller; in?: ReturnType<World['container']> } = {},
) {
  const provider = await providers.open(asked, caller)
  return outcomeOf(provider.stream(llmRequest('Hi', { model: asked.model }), never()))
}

const budget = (limitMicroUsd: number): NonNullable<ModelWorldOptions['budgets']> => [
  { budgetId: 'all', period: 'day', limitMicroUsd, warnAtPercent: 80, action: 'stop', scope: {} },
]

describe('modelProviders', () => {
  it('says who speaks, and what it cost', async () => {
    const world = modelWorld({ models: { 'gpt-4o': saying('Twice a day.') } })

    const { events } = await ask(world, gpt)

    expect(events).toEqual([
      { type: 'model', provider: 'openai', model: 'gpt-4o' },
      { type: 'text', text: 'Twice a day.' },
      { type: 'usage', inputTokens: 1_000, outputTokens: 100, costMicroUsd: expect.any(Number) },
      { type: 'stop', reason: 'end' },
    ])
  })

  it('lets no half of a character through', async () => {
    const world = modelWorld({ models: { 'gpt-4o': saying('a\ud800b') } })

    expect(textOf((await ask(world, gpt)).events)).toBe('a\ufffdb')
  })

  it.each([
    ['an answer', saying('Hi')],
    ['a failure', refusing('provider_error')],
  ])('tells how long %s took', async (_, script) => {
    const world = modelWorld({ models: { 'gpt-4o': script } })

    await ask(world, gpt)

    expect(world.told).toEqual([{ provider: 'openai', model: 'gpt-4o', durationMs: 0 }])
  })

  it('tells no time of a call that its reader leaves', async () => {
    const world = modelWorld({ models: { 'gpt-4o': saying('Hi') } })
    const provider = await world.container().open(gpt, CALLER)

    for await (const { type } of provider.stream(llmRequest('Hi', { model: 'gpt-4o' }), never())) if (type === 'text') break

    expect(world.told).toEqual([])
  })

  it('is not opened where none of several models has a key, and names the secret of the first', async () => {
    const quick = { name: 'quick', strategy: 'order' as const, candidates: [HAIKU, MINI] }
    const world = modelWorld({ models: {}, virtualModels: [quick], keyless: ['openai', 'anthropic'] })
    const opened = world.container().open(settings({ provider: 'virtual', model: 'quick' }), CALLER)

    await expect(opened).rejects.toMatchObject({
      code: 'authentication_error',
      message: expect.stringContaining('anthropic-secret'),
    })
  })

  it('is opened where one of several models has a key', async () => {
    const quick = { name: 'quick', strategy: 'order' as const, candidates: [HAIKU, MINI] }
    const world = modelWorld({ models: { [MINI.model]: saying('Hi') }, virtualModels: [quick], keyless: ['anthropic'] })

    await expect(world.container().open(settings({ provider: 'virtual', model: 'quick' }), CALLER)).resolves.toBeDefined()
  })

  it("answers a built-in rule without a key of its own by the stage's model, within what the stage allows", async () => {
    const stageModel = readStageModel({
      LLM_MODEL: 'custom/ours',
      LLM_ENDPOINT: 'https://llm.acme.example/v1',
      LLM_MAX_TOKENS: 50,
    })
    const world = modelWorld({ models: { ours: saying('Hi') }, stageModel, keyless: ['openai', 'anthropic', 'google'] })

    const { events } = await ask(world, settings({ provider: 'virtual', model: 'fast', maxTokens: 200 }))

    expect(events).toContainEqual({ type: 'model', provider: 'custom', model: 'ours' })
    expect(world.asked).toMatchObject([{ model: 'ours', maxTokens: 50 }])
  })

  it('writes nothing but its first measure while all goes well, and reads a breaker once in five seconds', async () => {
    const world = modelWorld({ models: { 'gpt-4o': saying('Hi') } })
    const warm = world.container()

    for (let call = 0; call < 100; call++) {
      await ask(world, gpt, { in: warm })
      world.pass(100)
    }

    // 100 calls in 10 s. The `add` is the measurement of the first call.
    expect(world.storeCalls).toEqual(['get', 'add', 'get'])
  })

  it('writes how long models took with the first call, and once in half a minute', async () => {
    const world = modelWorld({ models: { 'gpt-4o': saying('Hi') } })
    const warm = world.container()

    for (let call = 0; call < 61; call++) {
      await ask(world, gpt, { in: warm })
      world.pass(1_000)
    }

    expect(world.storeCalls.filter((name) => name === 'add')).toHaveLength(3)
    const [hour] = await world.stores.latencies.list('acme', 0)
    expect(hour).toMatchObject({
      key: { provider: 'openai', service: 'openai', model: 'gpt-4o' },
      figures: { calls: 61, errors: 0 },
    })
  })

  it('falls back, and says so', async () => {
    const world = modelWorld({ models: { 'gpt-4o': refusing('rate_limit'), gemini: saying('Hello') } })
    const fallbacks = [{ provider: 'google' as const, model: 'gemini', temperature: 0.5 }]

    const { events, error } = await ask(world, { ...gpt, fallbacks, temperature: 1 })

    expect(error).toBeUndefined()
    expect(events.slice(0, 4)).toEqual([
      { type: 'model', provider: 'openai', model: 'gpt-4o' },
      { type: 'warning', text: '"gpt-4o" of openai did not answer (rate_limit): "gemini" of google is asked' },
      { type: 'model', provider: 'google', model: 'gemini' },
      { type: 'text', text: 'Hello' },
    ])
    expect(world.asked.map(({ model, temperature }) => [model, temperature])).toEqual([
      ['gpt-4o', undefined],
      ['gemini', 0.5],
    ])
  })

  it('gives another provider or service nothing of what was said for the first', async () => {
    const own = settings({
      provider: 'custom',
      service: 'eu',
      baseUrl: 'https://a.example/v1',
      headers: { 'x-key': { secret: 'eu' } },
    })
    const fallbacks = [
      { provider: 'openai' as const, model: 'two' },
      { provider: 'custom' as const, model: 'three' },
      { provider: 'custom' as const, model: 'four', service: 'us' },
      { provider: 'custom' as const, model: 'five', service: 'eu' },
    ]

    const candidates = await candidatesOf({ stageModel: undefined, virtualModels: { candidates: async () => [] } }, 'acme', {
      ...own,
      fallbacks,
    })

    expect(candidates.map((candidate) => candidate.settings)).toEqual([
      own,
      { provider: 'openai', model: 'two' },
      { ...own, model: 'three' },
      { provider: 'custom', model: 'four', service: 'us' },
      { ...own, model: 'five' },
    ])
  })

  it('opens the breaker after five failures in a row, for a minute, and closes it after two probes', async () => {
    let isUp = false
    const world = modelWorld({
      models: { 'gpt-4o': (request, call, signal) => (isUp ? saying('Hi') : refusing('provider_error'))(request, call, signal) },
    })
    const [one, other] = [world.container(), world.container()]
    const history: string[] = []
    const call = async (container = one) => {
      const before = world.asked.length
      const { error } = await ask(world, gpt, { in: container })
      history.push(world.asked.length === before ? 'left alone' : error ? 'failed' : 'answered')
    }

    for (let index = 0; index < 7; index++) {
      await call()
      world.pass(1_250)
    }
    world.pass(3_750)
    await call(other)
    world.pass(55_000)
    await call(other)
    isUp = true
    world.pass(61_000)
    for (let index = 0; index < 3; index++) await call(other)

    expect(history).toEqual([
      ...['failed', 'failed', 'failed', 'failed', 'failed', 'left alone', 'left alone'],
      // Another container, which has read what the first one wrote.
      'left alone',
      // A probe fails and opens it again.
      'failed',
      ...['answered', 'answered', 'answered'],
    ])
    expect((await world.stores.breakers.list('acme'))[0]?.breaker).toEqual(WHOLE)
  })

  it.each(['validation_error', 'content_filter', 'context_length_exceeded', 'rate_limit'] as const)(
    'does not take %s for a fault of the provider',
    async (code) => {
      const world = modelWorld({ models: { 'gpt-4o': refusing(code) } })
      const warm = world.container()

      for (let call = 0; call < 10; call++) await ask(world, gpt, { in: warm })

      expect(world.asked).toHaveLength(10)
      expect(world.storeCalls).toEqual(['get', 'add'])
    },
  )

  it('goes on with a fallback of the same provider for as long as the first model fails', async () => {
    const world = modelWorld({ models: { 'gpt-4o': refusing('provider_error'), 'gpt-4o-mini': saying('Hi') } })
    const warm = world.container()
    const answers: string[] = []

    for (let call = 0; call < 60; call++) {
      const { events } = await ask(world, { ...gpt, fallbacks: [{ provider: 'openai', model: 'gpt-4o-mini' }] }, { in: warm })
      answers.push(textOf(events))
      world.pass(5_000)
    }

    expect(answers).toEqual(Array.from({ length: 60 }, () => 'Hi'))
    // Five in a row, and a probe a minute.
    expect(world.asked.filter(({ model }) => model === 'gpt-4o').length).toBeLessThan(12)
  })

  it("leaves a tenant's breaker out of another tenant's calls", async () => {
    const world = modelWorld({ models: { 'gpt-4o': refusing('provider_error') } })
    const warm = world.container()
    for (let call = 0; call < 6; call++) {
      await ask(world, gpt, { in: warm })
      world.pass(1_250)
    }

    await ask(world, gpt, { in: warm, caller: { ...CALLER, tenant: 'globex' } })

    expect(world.asked).toHaveLength(6)
  })

  it('goes on without its stores', async () => {
    const world = modelWorld({ models: { 'gpt-4o': saying('Hi') } })
    const gone = async () => {
      throw new Error('the table is gone')
    }
    world.stores.breakers.get = gone
    world.stores.cache.get = gone
    world.stores.cache.put = gone

    const { events, error } = await ask(world, { ...gpt, cache: { ttlSeconds: 60 } })

    expect(error).toBeUndefined()
    expect(textOf(events)).toBe('Hi')
    expect(world.log.lines.map(({ code }) => code)).toEqual(['model_state_lost', 'model_state_lost', 'model_state_lost'])
  })

  it('answers from the cache without a call, a token or a cost', async () => {
    const world = modelWorld({ models: { 'gpt-4o': saying('Hi') } })
    const cached = { ...gpt, cache: { ttlSeconds: 60 } }

    const first = await ask(world, cached)
    const second = await ask(world, cached)
    world.pass(61_000)
    await ask(world, cached)

    expect(world.asked).toHaveLength(2)
    expect(second.events).toEqual(
      first.events.map((event): LlmEvent => {
        if (event.type === 'model') return { ...event, cached: true }
        return event.type === 'usage' ? { type: 'usage', inputTokens: 0, outputTokens: 0, costMicroUsd: 0 } : event
      }),
    )
  })

  it('never answers a tenant with what another one was told', async () => {
    const world = modelWorld({ models: { 'gpt-4o': saying('Hi') } })
    const cached = { ...gpt, cache: { ttlSeconds: 60 } }

    for (const tenant of ['acme', 'globex', 'acme#LLMCACHE', 'acme']) await ask(world, cached, { caller: { ...CALLER, tenant } })

    expect(world.asked).toHaveLength(3)
  })

  it('stops at a spent budget before anybody is asked, and does not fall back', async () => {
    const world = modelWorld({ models: { 'gpt-4o': saying('Hi'), claude: saying('Hi') }, budgets: budget(100_000) })
    const warm = world.container()
    const asked = { ...gpt, maxTokens: 100, fallbacks: [{ provider: 'anthropic' as const, model: 'claude' }] }

    let answered = 0
    let last: unknown
    for (let call = 0; call < 100 && last === undefined; call++) {
      last = (await ask(world, asked, { in: warm })).error
      if (last === undefined) answered++
    }

    expect(last).toMatchObject({ code: 'budget_exceeded' })
    expect(answered).toBe(17)
    expect(world.asked).toHaveLength(answered)
  })

  it('asks the models of a virtual one, in its order', async () => {
    const world = modelWorld({
      models: { 'gpt-4o': refusing('timeout'), claude: saying('Hello') },
      virtualModels: [
        {
          name: 'smart',
          strategy: 'order',
          candidates: [
            { provider: 'openai', model: 'gpt-4o' },
            { provider: 'anthropic', model: 'claude' },
          ],
        },
      ],
    })

    const { events } = await ask(world, settings({ provider: 'virtual', model: 'smart' }))

    expect(events.flatMap((event) => (event.type === 'model' ? [event.model] : []))).toEqual(['gpt-4o', 'claude'])
    await expect(world.container().open(settings({ provider: 'virtual', model: 'other' }), CALLER)).rejects.toMatchObject({
      code: 'validation_error',
    })
  })

  it("asks the stage's model, for no longer an answer than the stage allows", async () => {
    const stageModel = {
      provider: 'openai',
      model: 'gpt-4o',
      endpoint: undefined,
      hasSecret: false,
      timeoutSeconds: undefined,
      maxTokens: 50,
    } as const
    const world = modelWorld({ models: { 'gpt-4o': saying('Hi') }, stageModel })

    await ask(world, settings({ provider: 'default', model: 'default' }))

    expect(world.asked).toMatchObject([{ model: 'gpt-4o', maxTokens: 50 }])
  })
})
