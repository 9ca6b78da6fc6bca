import type { ModelEntry, ModelFacts, Vendor } from '#shared/protocol/model.ts'

/** Facts by name, or by the beginning of names with `*` behind it. */
export type FactsByName = Readonly<Record<string, ModelFacts>>

type Price = NonNullable<ModelFacts['price']>

const MICRO = 1_000_000

/** Prices in dollars for a million tokens, as price lists have them. */
export const usd = (input: number, output: number, cachedInput?: number): Price => ({
  input: Math.round(input * MICRO),
  output: Math.round(output * MICRO),
  ...(cachedInput !== undefined && { cachedInput: Math.round(cachedInput * MICRO) }),
})

/** Entries of one provider with one source; without a day nobody has compared them with it. */
export const entriesOf = (provider: Vendor, about: Pick<ModelEntry, 'asOf' | 'source'>, facts: FactsByName): ModelEntry[] =>
  Object.entries(facts).map(([model, known]) => ({ provider, model, ...known, ...about }))
