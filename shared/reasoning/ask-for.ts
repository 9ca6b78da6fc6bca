import * as z from 'zod'
import type { LlmMessage } from '#shared/llm/llm-provider.ts'
import { fittingTurn } from './checked-answer.ts'
import type { OutputRule, Reasoning } from './reasoning.ts'
import { takeTurn } from './take-turn.ts'

/** Longest account of what is wrong, in characters. */
const MAX_MISTAKE = 1_000

/**
 * Asks the model for something that the pattern itself reads: a plan, a verdict, a choice.
 *
 * @returns undefined when the model refuses
 * @throws SluiceError `invalid_output` when it does not give it in two tries
 */
export async function askFor<Value>(
  reasoning: Reasoning,
  messages: readonly LlmMessage[],
  what: { name: string; schema: z.ZodType<Value> },
): Promise<Value | undefined> {
  const output = ruleOf(what)
  const turn = await takeTurn(reasoning, messages, { output })
  if (turn.stopReason === 'refusal') return undefined
  const { value } = await fittingTurn(reasoning, messages, { turn, output })
  return value === undefined ? undefined : what.schema.parse(value)
}

const ruleOf = ({ name, schema }: { name: string; schema: z.ZodType }): OutputRule => ({
  name,
  schema: z.toJSONSchema(schema),
  check(text) {
    const result = z.preprocess(jsonOf, schema).safeParse(text)
    return result.success
      ? { ok: true, value: result.data }
      : { ok: false, mistake: z.prettifyError(result.error).slice(0, MAX_MISTAKE) }
  },
})

/** Models like to put JSON into a block of code, or a sentence before it. */
function jsonOf(text: unknown): unknown {
  const [json] = /\{[\s\S]*\}/.exec(String(text)) ?? []
  try {
    return JSON.parse(json ?? '')
  } catch {
    return undefined
  }
}
