/** Where vendors answer when a secret says nothing else. Those that are missing have no address of their own. */
const BASE_URLS: ReadonlyMap<string, string> = new Map([
  ['openai', 'https://api.openai.com/v1'],
  ['anthropic', 'https://api.anthropic.com'],
  ['google', 'https://generativelanguage.googleapis.com'],
])

/** @param name - a provider, or a service with the name of one */
export const vendorBaseUrl = (name: string): string | undefined => BASE_URLS.get(name)
