import * as z from 'zod'

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

const DIRECTIVE = /\[\[([^\]]*)\]\]/g

/**
 * Takes the directives out of a prompt.
 *
 * @throws z.ZodError for a switch that does not exist, so that a misspelt test cannot pass
 */
export function parseDirectives(prompt: string): { prompt: string; switches: Switches } {
  const pairs = [...prompt.matchAll(DIRECTIVE)].flatMap(([, body = '']) => body.trim().split(/\s+/))
  const entries = pairs.filter(Boolean).map((pair) => {
    const [name = '', value = '1'] = pair.split('=')
    return [name, value]
  })
  return { prompt: prompt.replace(DIRECTIVE, '').trim(), switches: switchesSchema.parse(Object.fromEntries(entries)) }
}

/** The switches without those that make a call go wrong. */
export function withoutFaults(switches: Switches): Switches {
  const { status, cut, malformed, error, stall, ...rest } = switches
  return rest
}
