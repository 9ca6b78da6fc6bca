import { entriesOf, type FactsByName, usd } from './catalogue-entry.ts'

const ABOUT = { asOf: '2026-06-21', source: 'https://docs.claude.com/en/docs/about-claude/models/overview' }

/** Schemas of answers came with the models of autumn 2025. */
const PLAIN = { images: true, tools: true, output: false, reasoning: false }
const THINKING = { images: true, tools: true, output: false, reasoning: true }
const STRUCTURED = { ...THINKING, output: true }

const OLD = { contextTokens: 200_000, maxOutputTokens: 4_096, abilities: PLAIN }
const NEWER = { contextTokens: 200_000, maxOutputTokens: 8_192, abilities: PLAIN }
/** They take a number of tokens for their thoughts, and no effort. */
const THINKER = {
  contextTokens: 200_000,
  maxOutputTokens: 64_000,
  abilities: THINKING,
  drops: ['reasoningEffort'],
} satisfies FactsByName[string]

/** By the names that Anthropic and Amazon share: Amazon's have `anthropic.` before them. */
export const CLAUDE: FactsByName = {
  'claude-3-opus*': { ...OLD, price: usd(15, 75, 1.5) },
  'claude-3-sonnet*': { ...OLD, price: usd(3, 15) },
  'claude-3-haiku*': { ...OLD, price: usd(0.25, 1.25, 0.03) },
  'claude-3-5-sonnet*': { ...NEWER, price: usd(3, 15, 0.3) },
  'claude-3-5-haiku*': { ...NEWER, price: usd(0.8, 4, 0.08) },
  'claude-3-7-sonnet*': { ...THINKER, price: usd(3, 15, 0.3) },
  'claude-sonnet-4-2*': { ...THINKER, price: usd(3, 15, 0.3) },
  'claude-opus-4-2*': { ...THINKER, maxOutputTokens: 32_000, price: usd(15, 75, 1.5) },
  'claude-opus-4-1*': { ...THINKER, maxOutputTokens: 32_000, price: usd(15, 75, 1.5), abilities: STRUCTURED },
  'claude-sonnet-4-5*': { ...THINKER, price: usd(3, 15, 0.3), abilities: STRUCTURED },
  'claude-haiku-4-5*': { ...THINKER, price: usd(1, 5, 0.1), abilities: STRUCTURED },
  'claude-opus-4-5*': { ...THINKER, price: usd(5, 25, 0.5), abilities: STRUCTURED },
  'claude-sonnet-4-6*': { contextTokens: 1_000_000, maxOutputTokens: 64_000, price: usd(3, 15, 0.3), abilities: STRUCTURED },
  'claude-opus-4-6*': { contextTokens: 1_000_000, maxOutputTokens: 128_000, price: usd(5, 25, 0.5), abilities: STRUCTURED },
}

export const ANTHROPIC_MODELS = entriesOf('anthropic', ABOUT, CLAUDE)
