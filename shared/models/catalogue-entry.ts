import type { ModelEntry, ModelFacts, Vendor } from '#shared/protocol/model.ts'

/** Facts by the name of a model; a name that ends with `*` stands for all names that begin like it. */
export type FactsByName = Readonly<Record<string, ModelFacts>>

type Price = NonNullable<ModelFacts['price']>

const MICRO = 1_000_000

/** A price from dollars per million tokens, as in price lists. */
export const usd = (input: number, output: number, cachedInput?: number): Price => ({
  input: Math.round(input * MICRO),
  output: Math.round(output * MICRO),
  ...(cachedInput !== undefined && { cachedInput: Math.round(cachedInput * MICRO) }),
})

/** The entries of one provider and source. `asOf` is the day they were compared with the source; absent if they never were. */
export const entriesOf = (provider: Vendor, about: Pick<ModelEntry, 'asOf' | 'source'>, facts: FactsByName): ModelEntry[] =>
  Object.entries(facts).map(([model, known]) => ({ provider, model, ...known, ...about }))
