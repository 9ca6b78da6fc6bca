import type { NamedVirtualModel } from '#shared/protocol/model.ts'

/**
 * Virtual models that every tenant has until it defines one of the same name. Only candidates with a key are used; if none has one, the stage's own
 * model answers.
 */
export const BUILT_IN_RULES: readonly NamedVirtualModel[] = [
  {
    name: 'cheap',
    strategy: 'cheapest',
    candidates: [
      { provider: 'openai', model: 'gpt-5-nano' },
      { provider: 'google', model: 'gemini-2.5-flash-lite' },
      { provider: 'anthropic', model: 'claude-haiku-5-5' },
    ],
  },
  {
    name: 'fast',
    strategy: 'fastest',
    candidates: [
      { provider: 'anthropic', model: 'claude-haiku-5-5' },
      { provider: 'openai', model: 'gpt-5.4-mini' },
      { provider: 'google', model: 'gemini-3.5-flash' },
    ],
  },
  {
    name: 'smart',
    strategy: 'order',
    candidates: [
      { provider: 'anthropic', model: 'claude-opus-5-5' },
      { provider: 'openai', model: 'gpt-5.5' },
      { provider: 'google', model: 'gemini-3-pro' },
    ],
  },
]

/** A tenant's own rules, and the built-in ones that it has not replaced, in the order of their names. */
export function allRules(own: readonly NamedVirtualModel[]): NamedVirtualModel[] {
  const others = BUILT_IN_RULES.filter(({ name }) => !own.some((rule) => rule.name === name))
  return [...own, ...others].toSorted((one, other) => (one.name < other.name ? -1 : 1))
}

export const isBuiltIn = (rule: NamedVirtualModel): boolean => BUILT_IN_RULES.includes(rule)
