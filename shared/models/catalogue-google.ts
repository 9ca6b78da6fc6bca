import { entriesOf, type FactsByName, usd } from './catalogue-entry.ts'

const SOURCE = 'https://ai.google.dev/gemini-api/docs/pricing'

const MILLION_TOKENS = 1_048_576
const EYES = { images: true, tools: true, output: true, reasoning: false }
const THINKING = { ...EYES, reasoning: true }
/** These take a token budget for thinking instead of an effort. */
const GEMINI_2_5 = {
  contextTokens: MILLION_TOKENS,
  maxOutputTokens: 65_536,
  abilities: THINKING,
  drops: ['reasoningEffort'],
} satisfies FactsByName[string]

const GEMINI_3 = { contextTokens: MILLION_TOKENS, maxOutputTokens: 65_536, abilities: THINKING }

/** Some charge more for long questions; these are the prices of short ones. */
const FACTS: FactsByName = {
  // Google limits question and answer separately; we check the limit of the question.
  'gemini-pro': {
    contextTokens: 30_720,
    maxOutputTokens: 2_048,
    price: usd(0.5, 1.5),
    abilities: { images: false, tools: true, output: false, reasoning: false },
  },
  'gemini-pro-vision': {
    contextTokens: 12_288,
    maxOutputTokens: 4_096,
    price: usd(0.5, 1.5),
    abilities: { images: true, tools: false, output: false, reasoning: false },
  },
  'gemini-1.5-pro*': { contextTokens: 2_097_152, maxOutputTokens: 8_192, price: usd(1.25, 5, 0.3125), abilities: EYES },
  'gemini-1.5-flash*': {
    contextTokens: MILLION_TOKENS,
    maxOutputTokens: 8_192,
    price: usd(0.075, 0.3, 0.01875),
    abilities: EYES,
  },
  'gemini-2.0-flash*': { contextTokens: MILLION_TOKENS, maxOutputTokens: 8_192, price: usd(0.1, 0.4, 0.025), abilities: EYES },
  'gemini-2.5-pro*': { ...GEMINI_2_5, price: usd(1.25, 10, 0.125) },
  'gemini-2.5-flash*': { ...GEMINI_2_5, price: usd(0.3, 2.5, 0.03) },
  'gemini-2.5-flash-lite*': { ...GEMINI_2_5, price: usd(0.1, 0.4, 0.01) },
  'gemini-3-pro*': { ...GEMINI_3, price: usd(2, 12, 0.2) },
  'gemini-3-flash*': { ...GEMINI_3, price: usd(0.5, 3) },
  'gemini-3.5-flash*': { ...GEMINI_3, price: usd(1.5, 9, 0.15) },
  // Until the end of 2026.
  'gemini-3.8-flash*': { ...GEMINI_3, price: usd(0.75, 3.75) },
}

/** Taken from secondary sources, not from Google's own list: so without a date. */
export const GOOGLE_MODELS = entriesOf('google', { source: SOURCE }, FACTS)
