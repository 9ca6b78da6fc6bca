import { LLM_PROVIDERS } from '#shared/protocol/llm-provider-names.ts'
import type { NamedVirtualModel, VirtualModel } from '#shared/protocol/model.ts'

type Strategy = VirtualModel['strategy']
type Candidate = VirtualModel['candidates'][number]
type Vendor = Candidate['provider']

/** As many as a rule may have. */
export const MAX_CANDIDATES = 10

export const STRATEGIES: readonly [Strategy, label: string][] = [
  ['order', 'in this order'],
  ['cheapest', 'the cheapest first'],
  ['fastest', 'the fastest first'],
]
export const ABILITIES = [
  ['images', 'looks at images'],
  ['tools', 'calls tools'],
  ['output', 'takes a schema of the answer'],
] as const

export const VENDORS: readonly Vendor[] = LLM_PROVIDERS.filter((provider) => provider !== 'virtual' && provider !== 'default')

/** A candidate as it stands in the form: an empty service is none. */
export type Row = { provider: Vendor; model: string; service: string }

export const newRow = (): Row => ({ provider: 'openai', model: '', service: '' })

export const rowsOf = ({ candidates }: VirtualModel): Row[] =>
  candidates.map(({ provider, model, service = '' }) => ({ provider, model, service }))

/** The rule that a form says; what is not said is left out. */
export function readRule(form: FormData, rows: readonly Row[]): NamedVirtualModel {
  const text = (name: string): string => String(form.get(name) ?? '').trim()
  const contextTokens = Number(text('contextTokens'))
  const needs = {
    ...Object.fromEntries(ABILITIES.flatMap(([ability]) => (form.has(ability) ? [[ability, true]] : []))),
    ...(contextTokens > 0 && { contextTokens }),
  }
  const [strategy] = STRATEGIES.find(([known]) => known === text('strategy')) ?? ['order' as const]
  return {
    name: text('name'),
    strategy,
    candidates: rows.map(({ provider, model, service }) => ({
      provider,
      model: model.trim(),
      ...(service.trim() !== '' && { service: service.trim() }),
    })),
    ...(Object.keys(needs).length > 0 && { needs }),
  }
}

/** What a rule says, in a few words. */
export function describeNeeds({ needs = {} }: VirtualModel): string {
  const { contextTokens, ...abilities } = needs
  const wanted = ABILITIES.flatMap(([ability, label]) => (abilities[ability] ? [label] : []))
  const room = contextTokens === undefined ? [] : [`has room for ${contextTokens.toLocaleString()} tokens`]
  return [...wanted, ...room].join(', ')
}
