import { entriesOf, usd } from './catalogue-entry.ts'

const ABOUT = { source: 'https://ollama.com' }

/** Models on one's own machine: nobody bills their tokens. How much they take depends on how the server was set up. */
export const OLLAMA_MODELS = entriesOf('ollama', ABOUT, { '*': { price: usd(0, 0) } })
