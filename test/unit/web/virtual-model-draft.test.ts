import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_CANDIDATES, namedVirtualModelSchema, vendorSchema, virtualModelSchema } from '#shared/protocol/model.ts'
import * as draft from '../../../web/console/virtual-model-draft.ts'

function form(fields: Record<string, string>): FormData {
  const data = new FormData()
  for (const [name, value] of Object.entries(fields)) data.set(name, value)
  return data
}

const row = (model: string, service = ''): draft.Row => ({ provider: 'openai', model, service })

const rules = fc.record(
  {
    name: fc.constantFrom('fast', 'a-1'),
    strategy: fc.constantFrom('order' as const, 'cheapest' as const, 'fastest' as const),
    candidates: fc.array(
      fc.record(
        {
          provider: fc.constantFrom(...vendorSchema.options),
          model: fc.constantFrom('gpt-4o', 'a/b'),
          service: fc.constant('own'),
        },
        { requiredKeys: ['provider', 'model'] },
      ),
      { minLength: 1, maxLength: MAX_CANDIDATES },
    ),
    needs: fc.record({ images: fc.constant(true), tools: fc.constant(true), contextTokens: fc.integer({ min: 1, max: 9_999 }) }),
  },
  { requiredKeys: ['name', 'strategy', 'candidates', 'needs'] },
)

describe('a rule in the form', () => {
  it('knows what the protocol knows', () => {
    expect(draft.VENDORS).toEqual(vendorSchema.options)
    expect(draft.STRATEGIES.map(([strategy]) => strategy)).toEqual(virtualModelSchema.shape.strategy.options)
    expect(draft.MAX_CANDIDATES).toBe(MAX_CANDIDATES)
  })

  it('comes out of it as it went in', () => {
    fc.assert(
      fc.property(rules, (rule) => {
        const { name, strategy, needs } = rule
        const fields = { name, strategy, contextTokens: String(needs.contextTokens), images: 'on', tools: 'on' }

        const read = draft.readRule(form(fields), draft.rowsOf(rule))

        expect(namedVirtualModelSchema.parse(read)).toEqual(rule)
      }),
    )
  })

  it('leaves out what was not said', () => {
    const read = draft.readRule(form({ name: ' fast ', strategy: 'best', contextTokens: '' }), [row(' gpt-4o ', ' ')])

    expect(read).toEqual({ name: 'fast', strategy: 'order', candidates: [{ provider: 'openai', model: 'gpt-4o' }] })
  })

  it.each([
    [undefined, ''],
    [{}, ''],
    [{ images: false }, ''],
    [
      { images: true, tools: true, contextTokens: 32_000 },
      `looks at images, calls tools, has room for ${(32_000).toLocaleString()} tokens`,
    ],
  ])('is described: %j', (needs, said) => {
    expect(draft.describeNeeds({ strategy: 'order', candidates: [], ...(needs && { needs }) })).toBe(said)
  })
})
