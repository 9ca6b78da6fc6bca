import { describe, expect, it } from 'vitest'
import { BUILT_IN_RULES } from '#shared/models/built-in-rules.ts'
import { modelCatalogue } from '#shared/models/catalogue.ts'
import { findFacts } from '#shared/models/find-facts.ts'
import { keyFinder } from '#shared/models/key-finder.ts'
import { memoryTenantList } from '#shared/models/memory-tenant-list.ts'
import { type LatencyReader, virtualModels } from '#shared/models/virtual-models.ts'
import { SecretNotFoundError } from '#shared/platform/secret-not-found-error.ts'
import { type ModelEntry, type NamedVirtualModel, virtualModelSchema } from '#shared/protocol/model.ts'

const MINI = { provider: 'openai', model: 'gpt-4o-mini' } as const
const BIG = { provider: 'openai', model: 'gpt-4' } as const
const HAIKU = { provider: 'anthropic', model: 'claude-3-haiku', service: 'team' } as const
const UNKNOWN = { provider: 'custom', model: 'llama' } as const

const KNOWN = { catalogue: modelCatalogue(memoryTenantList<ModelEntry>()), hasKey: async () => true, hasDefault: false }

async function aTenantWith(rule: Omit<NamedVirtualModel, 'name'>, latency: LatencyReader = async () => undefined) {
  const rules = memoryTenantList<NamedVirtualModel>()
  await rules.put('acme', 'fast', { name: 'fast', ...rule })
  const { candidates } = virtualModels({ rules, ...KNOWN, latency })
  return { rules, candidates }
}

/** A tenant that has said nothing, on a stage with keys of these providers. */
function aTenantWithKeys(
  providers: readonly string[],
  { hasDefault = false, latency = async () => undefined as number | undefined } = {},
) {
  const rules = memoryTenantList<NamedVirtualModel>()
  const hasKey = async ({ provider }: { provider: string }) => providers.includes(provider)
  return { rules, ...virtualModels({ rules, ...KNOWN, latency, hasKey, hasDefault }) }
}

describe('virtualModels', () => {
  it('gives candidates in their order, with their services', async () => {
    const { candidates } = await aTenantWith({ strategy: 'order', candidates: [BIG, UNKNOWN, HAIKU] })

    expect(await candidates('acme', 'fast')).toEqual([BIG, UNKNOWN, HAIKU])
  })

  it('gives the cheapest first for what is asked, and those without a price last', async () => {
    // Half the price of input, twice the price of output.
    const rules = { strategy: 'cheapest', candidates: [UNKNOWN, BIG, HAIKU, MINI] } as const
    const { candidates } = await aTenantWith({ ...rules, candidates: [...rules.candidates] })

    expect(await candidates('acme', 'fast')).toEqual([MINI, HAIKU, BIG, UNKNOWN])
    expect((await candidates('acme', 'fast', { inputTokens: 1, outputTokens: 8_000 }))[0]).toEqual(MINI)
  })

  it('gives the fastest first, and those that nobody asked last', async () => {
    const took = new Map([
      ['gpt-4', 900],
      ['claude-3-haiku', 300],
    ])
    const asked: string[] = []
    const { candidates } = await aTenantWith(
      { strategy: 'fastest', candidates: [UNKNOWN, BIG, HAIKU] },
      async (tenant, { model }) => {
        asked.push(`${tenant}/${model}`)
        return took.get(model)
      },
    )

    expect(await candidates('acme', 'fast')).toEqual([HAIKU, BIG, UNKNOWN])
    expect(asked).toEqual(['acme/llama', 'acme/gpt-4', 'acme/claude-3-haiku'])
  })

  it('leaves out who is known not to have what the rule or the request needs', async () => {
    const { candidates } = await aTenantWith({ strategy: 'order', candidates: [BIG, HAIKU, UNKNOWN], needs: { images: true } })

    expect(await candidates('acme', 'fast')).toEqual([HAIKU, UNKNOWN])
    expect(await candidates('acme', 'fast', { contextTokens: 200_001 })).toEqual([UNKNOWN])
  })

  it('says so when nobody is left', async () => {
    const { candidates } = await aTenantWith({ strategy: 'order', candidates: [BIG] })

    await expect(candidates('acme', 'fast', { contextTokens: 8_193 })).rejects.toMatchObject({ code: 'validation_error' })
  })

  it('names the known ones of this tenant alone when a name is unknown', async () => {
    const { candidates, rules } = await aTenantWith({ strategy: 'order', candidates: [BIG] })
    await rules.put('other', 'secret', { name: 'secret', strategy: 'order', candidates: [BIG] })

    await expect(candidates('acme', 'clever')).rejects.toMatchObject({
      code: 'validation_error',
      message: expect.stringMatching(
        /there are: cheap, fast, smart; PUT \/v1\/virtual-models\/\{name\} makes one,.* set clever$/,
      ),
    })
  })
})

describe('a built-in rule', () => {
  it('comes to models whose vendors have keys', async () => {
    const { candidates } = aTenantWithKeys(['openai', 'google'])

    expect(await candidates('acme', 'smart')).toEqual([
      { provider: 'openai', model: 'gpt-5.5' },
      { provider: 'google', model: 'gemini-3-pro' },
    ])
  })

  it('takes the cheapest, and the one that answered first', async () => {
    const { candidates } = aTenantWithKeys(['openai', 'google', 'anthropic'], {
      latency: async () => 100,
    })

    expect((await candidates('acme', 'cheap')).map(({ provider }) => provider)).toEqual(['openai', 'google', 'anthropic'])
    expect((await candidates('acme', 'fast'))[0]).toEqual({ provider: 'anthropic', model: 'claude-haiku-5-5' })
  })

  it('comes to the model of the stage where no vendor has a key', async () => {
    const { candidates } = aTenantWithKeys([], { hasDefault: true })

    expect(await candidates('acme', 'fast')).toEqual([{ provider: 'default', model: 'default' }])
  })

  it('says how a key is set where there is none at all', async () => {
    await expect(aTenantWithKeys([]).candidates('acme', 'fast')).rejects.toMatchObject({
      code: 'validation_error',
      message: expect.stringMatching(/no key.*anthropic\/claude-haiku-5-5.*npx sluice keys set anthropic/),
    })
  })

  it('is replaced by one of the same name, whose models are asked whether they have keys or not', async () => {
    const { rules, candidates } = aTenantWithKeys([])
    await rules.put('acme', 'smart', { name: 'smart', strategy: 'order', candidates: [BIG] })

    expect(await candidates('acme', 'smart')).toEqual([BIG])
    await expect(candidates('globex', 'smart')).rejects.toMatchObject({ code: 'validation_error' })
  })

  it.each(BUILT_IN_RULES.flatMap(({ candidates }) => candidates))('knows price, context and abilities of %j', (choice) => {
    const { price, contextTokens, abilities } = findFacts([], choice)

    expect([price, contextTokens, abilities]).toEqual([
      expect.anything(),
      expect.anything(),
      expect.objectContaining({ tools: true, output: true }),
    ])
  })
})

describe('keyFinder', () => {
  it('asks for a key once in a minute, and takes what cannot be read now for one', async () => {
    const asked: string[] = []
    let now = 0
    const hasKey = keyFinder(
      async ({ provider }) => {
        asked.push(provider)
        throw provider === 'openai' ? new SecretNotFoundError('s') : new Error('throttled')
      },
      { now: () => now },
    )

    expect([await hasKey(BIG), await hasKey(MINI), await hasKey(HAIKU)]).toEqual([false, false, true])
    expect(asked).toEqual(['openai', 'anthropic'])
    now += 60_000
    await hasKey(BIG)
    expect(asked).toHaveLength(3)
  })
})

describe('a rule', () => {
  it.each([
    ['that leads to another rule', { strategy: 'order', candidates: [{ provider: 'virtual', model: 'fast' }] }],
    ['that leads to the default', { strategy: 'order', candidates: [{ provider: 'default', model: 'x' }] }],
    ['without candidates', { strategy: 'order', candidates: [] }],
    ['with too many', { strategy: 'order', candidates: Array.from({ length: 11 }, () => BIG) }],
    ['of another kind', { strategy: 'random', candidates: [BIG] }],
    ['with a key in it', { strategy: 'order', candidates: [{ ...BIG, apiKey: 'sk-1' }] }],
  ])('%s is refused', (_what, rule) => {
    expect(virtualModelSchema.safeParse(rule).success).toBe(false)
  })
})
