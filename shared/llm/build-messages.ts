import type { LlmMessage } from './llm-provider.ts'

/**
 * Messages for one turn of an agent.
 *
 * @param prompts - the agent's prompts
 * @param input - the execution's input: a text, an object whose `content` is the text, or any JSON, which is given as it is
 */
export function buildMessages(prompts: { system?: string | undefined }, input: unknown): LlmMessage[] {
  const user: LlmMessage = { role: 'user', content: inputText(input) }
  return prompts.system ? [{ role: 'system', content: prompts.system }, user] : [user]
}

function inputText(input: unknown): string {
  if (typeof input === 'string') return input
  if (typeof input === 'object' && input !== null && 'content' in input && typeof input.content === 'string') return input.content
  return JSON.stringify(input ?? null)
}
