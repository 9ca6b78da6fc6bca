import type { LlmMessage } from '#shared/llm/llm-provider.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import type { OutputRule } from '#shared/prompts/output-rule.ts'
import type { Reasoned, Reasoning } from './reasoning.ts'
import { sayContent, type Turn, takeTurn, warn } from './take-turn.ts'

/** Reason of an answer that the model would not give. It stands as it is, whatever it was to look like. */
const REFUSAL = 'refusal'

/**
 * Takes the last turn, in which no tool can be called. Its words are streamed as they come; JSON is looked at first, and what is written then fits.
 *
 * @throws what {@link takeTurn} and {@link checkedAnswer} throw
 */
export async function lastTurn(reasoning: Reasoning, messages: readonly LlmMessage[]): Promise<Reasoned> {
  const { output } = reasoning
  if (output) {
    const asked = [...messages, formOf(output)]
    return checkedAnswer(reasoning, asked, await takeTurn(reasoning, asked, { output }))
  }
  const { stopReason } = await takeTurn(reasoning, messages, { say: sayContent(reasoning) })
  return { stopReason }
}

/** Tells the model what its answer must look like: not every vendor does. */
export const formOf = ({ schema }: OutputRule): LlmMessage => ({
  role: 'user',
  content: `Your answer must be JSON alone, and fit this schema:\n${JSON.stringify(schema)}`,
})

/** Says something before the first word, if there is one. */
export function afterPrefix(prefix: string, say: (text: string) => void): (text: string) => void {
  let begun = prefix === ''
  return (text) => {
    say(begun ? text : prefix + text)
    begun = true
  }
}

/**
 * Ends with a turn that nobody has seen: as it is, or as the JSON that it must be, which the model has one try to mend.
 *
 * @throws SluiceError `invalid_output`
 */
export async function checkedAnswer(reasoning: Reasoning, messages: readonly LlmMessage[], turn: Turn): Promise<Reasoned> {
  const { output } = reasoning
  const { stopReason } = turn
  if (!output || stopReason === REFUSAL) {
    sayContent(reasoning)(turn.text)
    return { stopReason }
  }
  const { value, turn: kept } = await fittingTurn(reasoning, messages, { turn, output })
  sayContent(reasoning)(value === undefined ? kept.text : JSON.stringify(value))
  return { stopReason: kept.stopReason, ...(value !== undefined && { data: value }) }
}

/**
 * The JSON of a turn, or that of the one in which the model mended it.
 *
 * @returns without `value` when the model refused to mend it
 * @throws SluiceError `invalid_output`
 */
export async function fittingTurn(
  reasoning: Reasoning,
  messages: readonly LlmMessage[],
  { turn, output }: { turn: Turn; output: OutputRule },
): Promise<{ value?: unknown; turn: Turn }> {
  const checked = output.check(turn.text)
  if (checked.ok) return { value: checked.value, turn }
  await warn(reasoning, `The answer did not fit and is made again: ${checked.mistake}`)
  const correction: LlmMessage[] = [
    { role: 'assistant', content: turn.text, state: turn.state },
    { role: 'user', content: `Your answer does not fit: ${checked.mistake}\nAnswer again, with the JSON alone.` },
  ]
  const mended = await takeTurn(reasoning, [...messages, ...correction], { output })
  if (mended.stopReason === REFUSAL) return { turn: mended }
  const second = output.check(mended.text)
  if (second.ok) return { value: second.value, turn: mended }
  throw new SluiceError('invalid_output', `the model's answer does not fit: ${second.mistake}`, { retryable: false })
}
