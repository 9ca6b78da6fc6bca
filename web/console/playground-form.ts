import type { Prompts } from '#shared/protocol/agent-thought.ts'
import type { Generation, LlmOverrides } from '#shared/protocol/llm.ts'

/** Parameters that are numbers, with the ranges of the API. */
export const PARAMETERS = [
  { name: 'temperature', label: 'Temperature', min: 0, max: 2, step: 'any' },
  { name: 'topP', label: 'Top-p', min: 0, max: 1, step: 'any' },
  { name: 'maxTokens', label: 'Max tokens', min: 1, max: 1_000_000, step: 1 },
  { name: 'frequencyPenalty', label: 'Frequency penalty', min: -2, max: 2, step: 'any' },
  { name: 'presencePenalty', label: 'Presence penalty', min: -2, max: 2, step: 'any' },
] as const satisfies readonly { name: keyof Generation; label: string; min: number; max: number; step: 1 | 'any' }[]

/** How long a reasoning model thinks. */
export const EFFORTS = ['low', 'medium', 'high'] as const satisfies readonly Generation['reasoningEffort'][]

/** Prompts as they are shown, in the order in which a model is told them. */
export const PROMPT_FIELDS = [
  { name: 'system', label: 'System prompt', absent: 'none' },
  { name: 'contextInstructions', label: 'Context instructions', absent: 'none; said with earlier turns or notes' },
  { name: 'userTemplate', label: 'User template', absent: 'none; what is asked stays as it is' },
] as const satisfies readonly { name: keyof Prompts; label: string; absent: string }[]

/** What the form says in place of the agent's prompts; undefined when it says nothing else. */
export function readPrompts(form: FormData, own: Prompts): Prompts | undefined {
  const changed = PROMPT_FIELDS.flatMap(({ name }) => {
    // A form gives ends of lines as HTTP writes them.
    const text = String(form.get(name) ?? own[name] ?? '').replaceAll('\r\n', '\n')
    if (text === (own[name] ?? '')) return []
    return [[name, name === 'userTemplate' && text === '' ? '{input_data}' : text]]
  })
  return changed.length > 0 ? Object.fromEntries(changed) : undefined
}

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
  const names = ['provider', 'model', 'reasoningEffort'].flatMap((name) => (text(name) === '' ? [] : [[name, text(name)]]))
  const stopSequences = text('stopSequences').split('\n').filter(Boolean)
  const overrides: LlmOverrides = {
    ...Object.fromEntries([...names, ...numbers]),
    ...(stopSequences.length > 0 && { stopSequences }),
  }
  return Object.keys(overrides).length > 0 ? overrides : undefined
}
