import { parse } from '#shared/platform/parse.ts'
import { type EarlierTurns, earlierTurnsSchema } from '#shared/protocol/llm-input.ts'

/**
 * The earlier turns that a caller sent along with a question. The agent's instructions rank above them: they are only what a caller says.
 *
 * @throws ValidationError when they are malformed. An input that came by reference is checked here for the first time
 */
export function earlierTurns(input: unknown): EarlierTurns {
  if (typeof input !== 'object' || input === null || !('earlierTurns' in input)) return []
  return parse(earlierTurnsSchema, input.earlierTurns, 'list of earlier turns')
}
