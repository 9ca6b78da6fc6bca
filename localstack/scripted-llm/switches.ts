import * as z from 'zod'
import type { LlmMessage, LlmRequest } from '#shared/llm/llm-provider.ts'

const count = z.coerce.number().int().nonnegative()
const flag = z.union([
  z.literal(['1', 'true', 1, true]).transform(() => true),
  z.literal(['0', 'false', 0, false]).transform(() => false),
])

/** How an answer is made and how it goes wrong. In a prompt: `[[tokens=1000 rate=100 status=429 times=1]]`. */
export const switchesSchema = z.strictObject({
  /** Length of the answer, in tokens; the prompt decides when absent. */
  tokens: count.optional(),
  /** Tokens per second; 0 is without pause. */
  rate: z.coerce.number().nonnegative().optional(),
  /** Pause before the first token, in milliseconds. */
  delay: count.optional(),
  /** Tokens of reasoning before the answer. */
  thinking: count.optional(),
  /** Characters of two to four bytes in the answer. */
  utf8: flag.optional(),
  /** Whether usage is sent when it is asked for. */
  usage: flag.optional(),
  /** Stops for this reason, after a few tokens. */
  stop: z.enum(['refusal', 'length', 'content_filter']).optional(),
  /** Breaks JSON that is asked for; the answer to a complaint about it is sound. */
  badJson: flag.optional(),
  /** Answers this error status instead: 400 (context length), 401, 429, 500, … */
  status: z.coerce.number().int().min(400).max(599).optional(),
  /** `Retry-After` of a 429 or 503, in seconds. */
  retryAfter: count.optional(),
  /** Destroys the connection after so many tokens. */
  cut: count.optional(),
  /** Sends an event that is no JSON after so many tokens, and ends. */
  malformed: count.optional(),
  /** Sends an error event after so many tokens, and ends. */
  error: count.optional(),
  /** Says nothing any more after so many tokens and leaves the connection open. */
  stall: count.optional(),
  /** Only so many first calls with this prompt go wrong; the later ones are answered. */
  times: count.optional(),
})

export type Switches = z.infer<typeof switchesSchema>

/** Models whose name alone says how a call goes; all others answer. */
const MODELS: ReadonlyMap<string, Switches> = new Map([
  ['thinking', { thinking: 20 }],
  ['multi-byte', { utf8: true }],
  ['bad-json', { badJson: true }],
  ['refusal', { stop: 'refusal' }],
  ['length', { stop: 'length' }],
  ['content-filter', { stop: 'content_filter' }],
  ['unauthorized', { status: 401 }],
  ['rate-limited', { status: 429 }],
  ['server-error', { status: 500 }],
  ['silent', { stall: 0 }],
  ['cut-off', { cut: 5 }],
  ['malformed', { malformed: 5 }],
])

export const MODEL_NAMES: readonly string[] = ['scripted-1', ...MODELS.keys()]

export const switchesOfModel = (model: string): Switches => MODELS.get(model) ?? {}

const DIRECTIVE = /\[\[([^\]]*)\]\]/g

/**
 * Takes the directives out of the last prompt.
 *
 * @throws z.ZodError for a switch that does not exist, so that a misspelt test cannot pass
 */
export function takeDirectives(request: LlmRequest): { request: LlmRequest; switches: Switches } {
  const asked = request.messages.findLastIndex(({ role }) => role === 'user')
  const pairs: [string, string][] = []
  const messages = request.messages.map((message, index) => (index === asked ? withoutDirectives(message, pairs) : message))
  return { request: { ...request, messages }, switches: switchesSchema.parse(Object.fromEntries(pairs)) }
}

/** @param pairs - gets the names and values that are found */
function withoutDirectives(message: LlmMessage, pairs: [string, string][]): LlmMessage {
  const taken = (text: string): string => {
    for (const [, body = ''] of text.matchAll(DIRECTIVE)) {
      for (const pair of body.trim().split(/\s+/).filter(Boolean)) {
        const [name = '', value = '1'] = pair.split('=')
        pairs.push([name, value])
      }
    }
    return text.replace(DIRECTIVE, '').trim()
  }
  if (message.role !== 'user') return message
  if (typeof message.content === 'string') return { ...message, content: taken(message.content) }
  return {
    ...message,
    content: message.content.map((part) => (part.type === 'text' ? { ...part, text: taken(part.text) } : part)),
  }
}

/** The switches without those that make a call go wrong. */
export function withoutFaults(switches: Switches): Switches {
  const { status, cut, malformed, error, stall, ...rest } = switches
  return rest
}
