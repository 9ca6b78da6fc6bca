import { withImageNotes } from '#shared/llm/image-note.ts'
import type { LlmMessage, LlmRequest } from '#shared/llm/llm-provider.ts'
import { messageImages } from '#shared/llm/message-images.ts'
import { messageText } from '#shared/llm/message-text.ts'

/**
 * Replaces the images of earlier turns by notes, for models that cannot see images, so that a conversation can go on with such a model. An image of the
 * question itself stays, and is refused later.
 *
 * @returns the request, and how many images were taken out
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
