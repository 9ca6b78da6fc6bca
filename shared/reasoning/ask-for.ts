import type * as z from 'zod'
import type { LlmMessage } from '#shared/llm/llm-provider.ts'
import { outputRule } from '#shared/prompts/output-rule.ts'
import type { OutputSettings } from '#shared/protocol/agent-thought.ts'
import { fittingTurn } from './checked-answer.ts'
import type { Reasoning } from './reasoning.ts'
import { takeTurn } from './take-turn.ts'

/** An object that a model is asked for. */
export type Wanted<Value> = {
  name: string
  /** Its fields, in JSON Schema; all are required. What the model says is checked against them. */
  properties: OutputSettings['schema']
  /** The same object, without limits: it types what was checked. Handlers cannot generate the one from the other. */
  schema: z.ZodType<Value>
}

/**
 * Asks the model for something that the pattern itself reads: a plan, a verdict, a choice.
 *
 * @returns undefined when the model refuses
 * @throws SluiceError `invalid_output` when it does not give it in two tries
 */
export async function askFor<Value>(
  reasoning: Reasoning,
  messages: readonly LlmMessage[],
  { name, properties, schema }: Wanted<Value>,
): Promise<Value | undefined> {
  const required = Object.keys(properties)
  const output = outputRule({ name, schema: { type: 'object', properties, required, additionalProperties: false } })
  const turn = await takeTurn(reasoning, messages, { output })
  if (turn.stopReason === 'refusal') return undefined
  const { value } = await fittingTurn(reasoning, messages, { turn, output })
  return value === undefined ? undefined : schema.parse(value)
}
