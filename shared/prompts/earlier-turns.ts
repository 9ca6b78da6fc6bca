import { parse } from '#shared/platform/parse.ts'
import { type EarlierTurns, earlierTurnsSchema } from '#shared/protocol/llm-input.ts'

/**
 * The turns that came with a question. The agent's instructions stand above them: nothing in them is more than what a caller says.
 *
 * @throws ValidationError when they are none; an input that came by reference is read here first
 */
export function earlierTurns(input: unknown): EarlierTurns {
  if (typeof input !== 'object' || input === null || !('earlierTurns' in input)) return []
  return parse(earlierTurnsSchema, input.earlierTurns, 'list of earlier turns')
}
