import { CLAUDE_BEFORE, CLAUDE_LOOKED_UP } from './catalogue-anthropic.ts'
import { entriesOf, type FactsByName, usd } from './catalogue-entry.ts'

/** Not compared with Amazon's price list, which differs by region and inference profile: so without a date. */
const ABOUT = { source: 'https://aws.amazon.com/bedrock/pricing/' }

const TEXT = { images: false, tools: true, output: false, reasoning: false }
const EYES = { ...TEXT, images: true }

const FACTS: FactsByName = {
  ...Object.fromEntries(
    Object.entries({ ...CLAUDE_BEFORE, ...CLAUDE_LOOKED_UP }).map(([model, facts]) => [`anthropic.${model}`, facts]),
  ),
  'amazon.nova-micro*': { contextTokens: 128_000, maxOutputTokens: 10_000, price: usd(0.035, 0.14), abilities: TEXT },
  'amazon.nova-lite*': { contextTokens: 300_000, maxOutputTokens: 10_000, price: usd(0.06, 0.24), abilities: EYES },
  'amazon.nova-pro*': { contextTokens: 300_000, maxOutputTokens: 10_000, price: usd(0.8, 3.2), abilities: EYES },
}

export const BEDROCK_MODELS = entriesOf('bedrock', ABOUT, FACTS)
