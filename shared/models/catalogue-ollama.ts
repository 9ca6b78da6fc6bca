import { entriesOf, usd } from './catalogue-entry.ts'

const ABOUT = { source: 'https://ollama.com' }

/** Models on your own machine cost nothing. Their context size depends on how the server is set up. */
export const OLLAMA_MODELS = entriesOf('ollama', ABOUT, { '*': { price: usd(0, 0) } })
