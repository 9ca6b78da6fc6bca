import type { LlmMessage } from './llm-provider.ts'

/** The text of a message, without its images. */
export function messageText({ content }: Pick<LlmMessage, 'content'>): string {
  if (typeof content === 'string') return content
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('')
}
