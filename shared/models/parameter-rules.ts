import type { Generation } from '#shared/protocol/llm.ts'
import type { Vendor } from '#shared/protocol/model.ts'

/** What happens to a parameter at a provider: passed on, dropped, clamped to a range, or cut to a number of entries. */
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
 * Parameters by provider, as of 2026-11-21. What only some models refuse is in the catalogue (`drops`). Sources:
 * - OpenAI, also at Azure: the types of its SDK (four stop sequences). The ranges are those of the first chat models, and were not checked again.
 * - Anthropic: the API's version 2026-10-21, which the SDK speaks, answers `temperature` and `top_p` with 400.
 * - Google: `GenerationConfig` (five stop sequences). From Gemini 2.5 on, penalties are answered with 400 (google-gemini/cookbook#1290).
 * - Bedrock: `InferenceConfiguration` (temperature up to 1, 2,500 stop sequences).
 * - Ollama takes what it is given.
 */
export const PARAMETER_RULES: Readonly<Record<Vendor, Rules>> = {
  openai: OPENAI,
  azure: OPENAI,
  // Compatible servers differ; they report what they refuse.
  custom: { ...OPENAI, stopSequences: 'pass' },
  anthropic: { ...OPENAI, ...WITHOUT_PENALTIES, temperature: 'drop', topP: 'drop', stopSequences: 'pass' },
  google: { ...OPENAI, ...WITHOUT_PENALTIES, stopSequences: { most: 5 } },
  ollama: { ...OPENAI, stopSequences: 'pass' },
  bedrock: { ...OPENAI, ...WITHOUT_PENALTIES, temperature: { min: 0, max: 1 }, stopSequences: 'pass' },
  scripted: { ...OPENAI, stopSequences: 'pass' },
}
