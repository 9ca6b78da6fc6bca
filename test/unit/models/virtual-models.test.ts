import { describe, expect, it } from 'vitest'
import { modelCatalogue } from '#shared/models/catalogue.ts'
import { memoryTenantList } from '#shared/models/memory-tenant-list.ts'
import { type LatencyReader, virtualModels } from '#shared/models/virtual-models.ts'
import { type ModelEntry, type NamedVirtualModel, virtualModelSchema } from '#shared/protocol/model.ts'

const MINI = { provider: 'openai', model: 'gpt-4o-mini' } as const
const BIG = { provider: 'openai', model: 'gpt-4' } as const
const HAIKU = { provider: 'anthropic', model: 'claude-3-haiku', service: 'team' } as const
const UNKNOWN = { provider: 'custom', model: 'llama' } as const

async function aTenantWith(rule: Omit<NamedVirtualModel, 'name'>, latency: LatencyReader = async () => undefined) {
  const rules = memoryTenantList<NamedVirtualModel>()
  await rules.put('acme', 'fast', { name: 'fast', ...rule })
  const { candidates } = virtualModels({ rules, catalogue: modelCatalogue(memoryTenantList<ModelEntry>()), latency })
  return { rules, candidates }
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

    await expect(candidates('acme', 'smart')).rejects.toMatchObject({
      code: 'validation_error',
      message: expect.stringMatching(/there are: fast; PUT \/v1\/virtual-models\/\{name\} makes one$/),
    })
    await expect(candidates('globex', 'fast')).rejects.toMatchObject({
      message: expect.stringMatching(/there is none yet; PUT /),
    })
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
