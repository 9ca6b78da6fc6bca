import { withImageNotes } from '#shared/llm/image-note.ts'
import type { LlmMessage, LlmRequest } from '#shared/llm/llm-provider.ts'
import { messageImages } from '#shared/llm/message-images.ts'
import { messageText } from '#shared/llm/message-text.ts'

/**
 * Takes images out of earlier turns, for a model that looks at none: whoever goes on with a conversation with another model is answered. An image of the
 * question itself stays, and is refused.
 *
 * @returns how many were taken out
 */
export function withoutEarlierImages(request: LlmRequest): { request: LlmRequest; taken: number } {
  const question = request.messages.findLastIndex(({ role }) => role === 'user')
  const earlier = request.messages.slice(0, question)
  const taken = earlier.reduce((sum, message) => sum + imagesIn(message), 0)
  if (taken === 0) return { request, taken }
  const messages = [...earlier.map(noted), ...request.messages.slice(question)]
  return { request: { ...request, messages }, taken }
}

const imagesIn = (message: LlmMessage): number => messageImages(message).length

const noted = (message: LlmMessage): LlmMessage =>
  message.role === 'user' ? { ...message, content: withImageNotes(messageText(message), imagesIn(message)) } : message
