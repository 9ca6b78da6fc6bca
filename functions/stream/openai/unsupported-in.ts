import type { FieldError } from '#shared/protocol/problem.ts'

const TOOLS = 'the tools of an agent are its own: its definition names them'
const NO_SAMPLES = 'an agent answers once, in words'
const DECIDED = 'only the definition of the agent says this'

/**
 * Fields that would change the answer but are not supported, with the error's message. `harmless`: values that ask for nothing, and so are accepted,
 * like `null`.
 */
const REFUSED: Record<string, { message: string; harmless?: readonly unknown[] }> = {
  tools: { message: TOOLS, harmless: [[]] },
  tool_choice: { message: TOOLS, harmless: ['none', 'auto'] },
  functions: { message: TOOLS, harmless: [[]] },
  function_call: { message: TOOLS, harmless: ['none', 'auto'] },
  n: { message: NO_SAMPLES, harmless: [1] },
  audio: { message: NO_SAMPLES },
  modalities: { message: NO_SAMPLES, harmless: [['text']] },
  logprobs: { message: NO_SAMPLES, harmless: [false] },
  top_logprobs: { message: NO_SAMPLES, harmless: [0] },
  logit_bias: { message: 'no weights of tokens can be given', harmless: [{}] },
  seed: { message: 'no answer can be asked for a second time' },
  response_format: { message: DECIDED, harmless: [{ type: 'text' }] },
  verbosity: { message: DECIDED, harmless: ['medium'] },
  web_search_options: { message: TOOLS },
  moderation: { message: DECIDED },
}

/** Fields that we use. */
const READ = [
  ...['model', 'messages', 'stream', 'stream_options', 'stop', 'reasoning_effort', 'max_tokens', 'max_completion_tokens'],
  ...['temperature', 'top_p', 'frequency_penalty', 'presence_penalty'],
]

/** Fields that never change the answer: who asks, what it may cost, what is stored. */
const IGNORED = [
  ...['user', 'metadata', 'safety_identifier', 'store', 'service_tier', 'parallel_tool_calls', 'prediction'],
  ...['prompt_cache_key', 'prompt_cache_options', 'prompt_cache_retention'],
]

const KNOWN = new Set([...READ, ...IGNORED])
const PARTS = ['text', 'image_url', 'refusal']

/** The first thing in a chat completion that an agent cannot do. Whether it is a valid chat completion at all is checked elsewhere. */
export function unsupportedIn(body: unknown): FieldError | undefined {
  const chat = recordOf(body)
  for (const [path, value] of Object.entries(chat)) {
    if (value === null || KNOWN.has(path)) continue
    // Own fields only: a body may contain names that every object inherits, such as `constructor`.
    const rule = Object.hasOwn(REFUSED, path) ? REFUSED[path] : undefined
    if (!rule) return { path, message: 'is not known, and might change the answer' }
    if (!rule.harmless?.some((harmless) => JSON.stringify(harmless) === JSON.stringify(value)))
      return { path, message: rule.message }
  }
  return listOf(chat.messages).map(recordOf).flatMap(unsupportedInMessage)[0]
}

function unsupportedInMessage(message: Record<string, unknown>, index: number): FieldError[] {
  const path = `messages.${index}`
  if (message.role === 'tool' || message.role === 'function') return [{ path: `${path}.role`, message: TOOLS }]
  if (!isNothing(message.tool_calls) || message.function_call) return [{ path: `${path}.tool_calls`, message: TOOLS }]
  if (message.audio) return [{ path: `${path}.audio`, message: NO_SAMPLES }]
  return listOf(message.content).flatMap((part, place) => {
    const { type, image_url: image } = recordOf(part)
    const where = `${path}.content.${place}`
    if (typeof type === 'string' && !PARTS.includes(type)) return [{ path: `${where}.type`, message: 'is not text or an image' }]
    if (type === 'image_url' && message.role !== 'user') return [{ path: where, message: 'only the user shows images' }]
    const { url } = recordOf(image)
    if (typeof url === 'string' && !url.startsWith('data:'))
      return [{ path: `${where}.image_url.url`, message: 'no address is fetched for a caller: send the image as a data URL' }]
    return []
  })
}

const recordOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}

/** Also an empty list asks for nothing. */
const isNothing = (value: unknown): boolean => value === undefined || value === null || JSON.stringify(value) === '[]'

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
