/** The vendors' own addresses: roots of their APIs. */
export const OPENAI_BASE_URL = 'https://api.openai.com/v1'
export const ANTHROPIC_BASE_URL = 'https://api.anthropic.com'
export const GOOGLE_BASE_URL = 'https://generativelanguage.googleapis.com'
/** Where Ollama answers on the machine it runs on. */
export const OLLAMA_BASE_URL = 'http://127.0.0.1:11434'

/** Where a vendor's own keys may go when their secret names no address. Ollama is not among them: it has no keys of its own. */
const BASE_URLS: ReadonlyMap<string, string> = new Map([
  ['openai', OPENAI_BASE_URL],
  ['anthropic', ANTHROPIC_BASE_URL],
  ['google', GOOGLE_BASE_URL],
])

/**
 * The address of a vendor; undefined for a provider without one of its own, such as `azure`.
 *
 * @param name - a provider, or a service with the name of one
 */
export const vendorBaseUrl = (name: string): string | undefined => BASE_URLS.get(name)
