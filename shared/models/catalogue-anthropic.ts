import { entriesOf, type FactsByName, usd } from './catalogue-entry.ts'

const SOURCE = 'https://platform.claude.com/docs/en/about-claude/pricing'

/** Structured output came with the models of autumn 2025. */
const PLAIN = { images: true, tools: true, output: false, reasoning: false }
const THINKING = { images: true, tools: true, output: false, reasoning: true }
const STRUCTURED = { ...THINKING, output: true }

const OLD = { contextTokens: 200_000, maxOutputTokens: 4_096, abilities: PLAIN }
const NEWER = { contextTokens: 200_000, maxOutputTokens: 8_192, abilities: PLAIN }
/** These take a token budget for thinking instead of an effort. */
const THINKER = {
  contextTokens: 200_000,
  maxOutputTokens: 64_000,
  abilities: THINKING,
  drops: ['reasoningEffort'],
} satisfies FactsByName[string]
const LARGE = { contextTokens: 1_000_000, maxOutputTokens: 128_000, abilities: STRUCTURED }
/** From Opus 4.7 on, Claude has no sampling parameters, on Bedrock either. */
const CURRENT = { ...LARGE, drops: ['temperature', 'topP'] } satisfies FactsByName[string]

/** By the names that Anthropic and Bedrock share; on Bedrock they start with `anthropic.`. Haiku 5.5: price of short questions; long ones cost more. */
export const CLAUDE_LOOKED_UP: FactsByName = {
  'claude-opus-4-1*': { ...THINKER, maxOutputTokens: 32_000, price: usd(15, 75, 1.5), abilities: STRUCTURED },
  'claude-opus-4-5*': { ...THINKER, price: usd(5, 25, 0.5), abilities: STRUCTURED },
  'claude-opus-4-6*': { ...LARGE, price: usd(5, 25, 0.5) },
  'claude-opus-4-7*': { ...CURRENT, price: usd(5, 25, 0.5) },
  'claude-opus-4-8*': { ...CURRENT, price: usd(5, 25, 0.5) },
  'claude-opus-5': { ...CURRENT, price: usd(5, 25, 0.5) },
  'claude-opus-5-5*': { ...CURRENT, price: usd(4, 20, 0.2) },
  'claude-sonnet-5': { ...CURRENT, price: usd(2, 10, 0.2) },
  'claude-sonnet-5-5*': { ...CURRENT, price: usd(2, 10, 0.1) },
  'claude-haiku-4-5*': { ...THINKER, price: usd(1, 5, 0.1), abilities: STRUCTURED },
  'claude-haiku-5-5*': { ...CURRENT, price: usd(0.1, 0.5, 0.01) },
  'claude-fable-5': { ...CURRENT, price: usd(10, 50, 1) },
  'claude-fable-5-1*': { ...CURRENT, price: usd(10, 50, 0.25) },
  'claude-sonnet-4-5*': { ...THINKER, price: usd(3, 15, 0.3), abilities: STRUCTURED },
  'claude-sonnet-4-6*': { ...LARGE, maxOutputTokens: 64_000, price: usd(3, 15, 0.3) },
}

/** Models that are retired, or about to be. */
export const CLAUDE_BEFORE: FactsByName = {
  'claude-3-opus*': { ...OLD, price: usd(15, 75, 1.5) },
  'claude-3-sonnet*': { ...OLD, price: usd(3, 15) },
  'claude-3-haiku*': { ...OLD, price: usd(0.25, 1.25, 0.03) },
  'claude-3-5-sonnet*': { ...NEWER, price: usd(3, 15, 0.3) },
  'claude-3-5-haiku*': { ...NEWER, price: usd(0.8, 4, 0.08) },
  'claude-3-7-sonnet*': { ...THINKER, price: usd(3, 15, 0.3) },
  'claude-sonnet-4-2*': { ...THINKER, price: usd(3, 15, 0.3) },
  'claude-opus-4-2*': { ...THINKER, maxOutputTokens: 32_000, price: usd(15, 75, 1.5) },
}

export const ANTHROPIC_MODELS = [
  ...entriesOf('anthropic', { asOf: '2026-11-21', source: SOURCE }, CLAUDE_LOOKED_UP),
  ...entriesOf('anthropic', { source: SOURCE }, CLAUDE_BEFORE),
]
