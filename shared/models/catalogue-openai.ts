import { entriesOf, type FactsByName, usd } from './catalogue-entry.ts'

const SOURCE = 'https://developers.openai.com/api/docs/models'

const TEXT = { images: false, tools: true, output: false, reasoning: false }
const EYES = { images: true, tools: true, output: true, reasoning: false }
/** Reasoning models accept neither sampling parameters nor stop sequences. */
const THINKER = {
  abilities: { images: true, tools: true, output: true, reasoning: true },
  drops: ['temperature', 'topP', 'frequencyPenalty', 'presencePenalty', 'stopSequences'],
} satisfies FactsByName[string]

const LOOKED_UP: FactsByName = {
  'gpt-5': { contextTokens: 400_000, maxOutputTokens: 128_000, price: usd(1.25, 10, 0.125), ...THINKER },
  'gpt-5.1': { contextTokens: 400_000, maxOutputTokens: 128_000, price: usd(1.25, 10, 0.125), ...THINKER },
  // Their price of cached input is missing from the page.
  'gpt-5.4': { contextTokens: 1_000_000, maxOutputTokens: 128_000, price: usd(2.5, 15), ...THINKER },
  'gpt-5.4-mini*': { contextTokens: 400_000, maxOutputTokens: 128_000, price: usd(0.75, 4.5), ...THINKER },
  'gpt-5.5': { contextTokens: 1_000_000, maxOutputTokens: 128_000, price: usd(5, 30), ...THINKER },
}

const BEFORE: FactsByName = {
  'gpt-3.5-turbo*': { contextTokens: 16_385, maxOutputTokens: 4_096, price: usd(0.5, 1.5), abilities: TEXT },
  'gpt-4': { contextTokens: 8_192, maxOutputTokens: 8_192, price: usd(30, 60), abilities: TEXT },
  'gpt-4-0613': { contextTokens: 8_192, maxOutputTokens: 8_192, price: usd(30, 60), abilities: TEXT },
  'gpt-4-32k*': { contextTokens: 32_768, maxOutputTokens: 32_768, price: usd(60, 120), abilities: TEXT },
  'gpt-4-turbo*': { contextTokens: 128_000, maxOutputTokens: 4_096, price: usd(10, 30), abilities: { ...TEXT, images: true } },
  'gpt-4o*': { contextTokens: 128_000, maxOutputTokens: 16_384, price: usd(2.5, 10, 1.25), abilities: EYES },
  'gpt-4o-mini*': { contextTokens: 128_000, maxOutputTokens: 16_384, price: usd(0.15, 0.6, 0.075), abilities: EYES },
  'gpt-4.1*': { contextTokens: 1_047_576, maxOutputTokens: 32_768, price: usd(2, 8, 0.5), abilities: EYES },
  'gpt-4.1-mini*': { contextTokens: 1_047_576, maxOutputTokens: 32_768, price: usd(0.4, 1.6, 0.1), abilities: EYES },
  'gpt-4.1-nano*': { contextTokens: 1_047_576, maxOutputTokens: 32_768, price: usd(0.1, 0.4, 0.025), abilities: EYES },
  o1: { contextTokens: 200_000, maxOutputTokens: 100_000, price: usd(15, 60, 7.5), ...THINKER },
  o3: { contextTokens: 200_000, maxOutputTokens: 100_000, price: usd(2, 8, 0.5), ...THINKER },
  'o3-mini*': {
    contextTokens: 200_000,
    maxOutputTokens: 100_000,
    price: usd(1.1, 4.4, 0.55),
    ...THINKER,
    abilities: { ...THINKER.abilities, images: false },
  },
  'o4-mini*': { contextTokens: 200_000, maxOutputTokens: 100_000, price: usd(1.1, 4.4, 0.275), ...THINKER },
  'gpt-5-mini*': { contextTokens: 400_000, maxOutputTokens: 128_000, price: usd(0.25, 2, 0.025), ...THINKER },
  'gpt-5-nano*': { contextTokens: 400_000, maxOutputTokens: 128_000, price: usd(0.05, 0.4, 0.005), ...THINKER },
}

/** Azure deployments have names of their own choice: they are found here if named after their model. Azure's prices were not compared. */
export const OPENAI_MODELS = [
  ...entriesOf('openai', { asOf: '2026-11-21', source: SOURCE }, LOOKED_UP),
  ...entriesOf('openai', { source: SOURCE }, BEFORE),
  ...entriesOf('azure', { source: SOURCE }, { ...BEFORE, ...LOOKED_UP }),
]
