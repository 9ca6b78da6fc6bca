import { entriesOf, type FactsByName, usd } from './catalogue-entry.ts'

const ABOUT = { asOf: '2026-06-21', source: 'https://docs.claude.com/en/docs/about-claude/models/overview' }

const BEFORE_THINKING = { images: true, tools: true, reasoning: false }
const THINKING = { images: true, tools: true, reasoning: true }

const OLD = { contextTokens: 200_000, maxOutputTokens: 4_096, abilities: BEFORE_THINKING }
const NEWER = { contextTokens: 200_000, maxOutputTokens: 8_192, abilities: BEFORE_THINKING }
const THINKER = { contextTokens: 200_000, maxOutputTokens: 64_000, abilities: THINKING }

/** By the names that Anthropic and Amazon share: Amazon's have `anthropic.` before them. */
export const CLAUDE: FactsByName = {
  'claude-3-opus*': { ...OLD, price: usd(15, 75, 1.5) },
  'claude-3-sonnet*': { ...OLD, price: usd(3, 15) },
  'claude-3-haiku*': { ...OLD, price: usd(0.25, 1.25, 0.03) },
  'claude-3-5-sonnet*': { ...NEWER, price: usd(3, 15, 0.3) },
  'claude-3-5-haiku*': { ...NEWER, price: usd(0.8, 4, 0.08) },
  'claude-3-7-sonnet*': { ...THINKER, price: usd(3, 15, 0.3) },
  'claude-sonnet-4*': { ...THINKER, price: usd(3, 15, 0.3) },
  'claude-opus-4*': { ...THINKER, maxOutputTokens: 32_000, price: usd(15, 75, 1.5) },
  'claude-opus-4-5*': { ...THINKER, price: usd(5, 25, 0.5) },
  'claude-haiku-4-5*': { ...THINKER, price: usd(1, 5, 0.1) },
  'claude-opus-4-6*': { ...THINKER, contextTokens: 1_000_000, maxOutputTokens: 128_000, price: usd(5, 25, 0.5) },
  'claude-sonnet-4-6*': { ...THINKER, contextTokens: 1_000_000, price: usd(3, 15, 0.3) },
}

export const ANTHROPIC_MODELS = entriesOf('anthropic', ABOUT, CLAUDE)
