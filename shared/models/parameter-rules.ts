import type { Generation } from '#shared/protocol/llm.ts'
import type { Vendor } from '#shared/protocol/model.ts'

/** What becomes of a parameter at a provider: it is passed on, left out, brought into a range, or cut to so many entries. */
export type ParameterRule = 'pass' | 'drop' | { min: number; max: number } | { most: number }

type Rules = Readonly<Record<keyof Generation, ParameterRule>>

const OPENAI: Rules = {
  temperature: { min: 0, max: 2 },
  maxTokens: 'pass',
  topP: { min: 0, max: 1 },
  frequencyPenalty: { min: -2, max: 2 },
  presencePenalty: { min: -2, max: 2 },
  stopSequences: { most: 4 },
  reasoningEffort: 'pass',
}

const WITHOUT_PENALTIES = { frequencyPenalty: 'drop', presencePenalty: 'drop' } as const

/**
 * Parameters by provider. Sources, read in November 2026: the API references of OpenAI (chat completions), Anthropic (messages), Google
 * (`GenerationConfig`), Amazon Bedrock (`InferenceConfiguration`) and Ollama (`options`). What single models refuse stands in the catalogue (`drops`).
 */
export const PARAMETER_RULES: Readonly<Record<Vendor, Rules>> = {
  openai: OPENAI,
  azure: OPENAI,
  // Compatible servers differ: what they refuse, they say themselves.
  custom: { ...OPENAI, stopSequences: 'pass' },
  anthropic: { ...OPENAI, ...WITHOUT_PENALTIES, temperature: { min: 0, max: 1 }, stopSequences: 'pass' },
  google: { ...OPENAI, stopSequences: { most: 5 } },
  ollama: { ...OPENAI, stopSequences: 'pass' },
  bedrock: { ...OPENAI, ...WITHOUT_PENALTIES, temperature: { min: 0, max: 1 }, stopSequences: 'pass' },
  scripted: { ...OPENAI, stopSequences: 'pass' },
}
