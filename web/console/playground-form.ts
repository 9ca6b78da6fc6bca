import type { Generation, LlmOverrides } from '#shared/protocol/llm.ts'

/** Parameters that are numbers, with the ranges of the API. */
export const PARAMETERS = [
  { name: 'temperature', label: 'Temperature', min: 0, max: 2, step: 0.1 },
  { name: 'topP', label: 'Top-p', min: 0, max: 1, step: 0.05 },
  { name: 'maxTokens', label: 'Max tokens', min: 1, max: 1_000_000, step: 1 },
  { name: 'frequencyPenalty', label: 'Frequency penalty', min: -2, max: 2, step: 0.1 },
  { name: 'presencePenalty', label: 'Presence penalty', min: -2, max: 2, step: 0.1 },
] as const satisfies readonly { name: keyof Generation; label: string; min: number; max: number; step: number }[]

/**
 * What is asked: an object as JSON, anything else as a text.
 *
 * @throws SyntaxError for an object that is not closed, or wrong inside
 */
export function readInput(form: FormData): unknown {
  const text = String(form.get('input') ?? '').trim()
  return text.startsWith('{') ? JSON.parse(text) : { content: text }
}

/** What the form says over the agent's settings; undefined when it says nothing. */
export function readOverrides(form: FormData): LlmOverrides | undefined {
  const text = (name: string): string => String(form.get(name) ?? '').trim()
  const numbers = PARAMETERS.flatMap(({ name }) => (text(name) === '' ? [] : [[name, Number(text(name))]]))
  const names = ['provider', 'model'].flatMap((name) => (text(name) === '' ? [] : [[name, text(name)]]))
  const stopSequences = text('stopSequences').split('\n').filter(Boolean)
  const overrides: LlmOverrides = {
    ...Object.fromEntries([...names, ...numbers]),
    ...(stopSequences.length > 0 && { stopSequences }),
  }
  return Object.keys(overrides).length > 0 ? overrides : undefined
}
