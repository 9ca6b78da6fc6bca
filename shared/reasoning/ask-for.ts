import * as z from 'zod'
import type { LlmMessage } from '#shared/llm/llm-provider.ts'
import { outputRule } from '#shared/prompts/output-rule.ts'
import { fittingTurn } from './checked-answer.ts'
import type { Reasoning } from './reasoning.ts'
import { takeTurn } from './take-turn.ts'

/**
 * Asks the model for something that the pattern itself reads: a plan, a verdict, a choice.
 *
 * @returns undefined when the model refuses
 * @throws SluiceError `invalid_output` when it does not give it in two tries
 */
export async function askFor<Value>(
  reasoning: Reasoning,
  messages: readonly LlmMessage[],
  { name, schema }: { name: string; schema: z.ZodType<Value> },
): Promise<Value | undefined> {
  const output = outputRule({ name, schema: z.record(z.string(), z.json()).parse(z.toJSONSchema(schema)) })
  const turn = await takeTurn(reasoning, messages, { output })
  if (turn.stopReason === 'refusal') return undefined
  const { value } = await fittingTurn(reasoning, messages, { turn, output })
  return value === undefined ? undefined : schema.parse(value)
}
