import type { LlmMessage, LlmPart } from './llm-provider.ts'

export type LlmImage = Extract<LlmPart, { type: 'image' }>

/** The images of a message, in order. Only what a user says has any. */
export function messageImages({ content }: Pick<LlmMessage, 'content'>): LlmImage[] {
  return typeof content === 'string' ? [] : content.filter((part) => part.type === 'image')
}
