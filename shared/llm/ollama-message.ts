import type { Message } from 'ollama/browser'
import type { LlmMessage } from './llm-provider.ts'
import { messageImages } from './message-images.ts'
import { messageText } from './message-text.ts'
import { toolInput } from './tool-input.ts'

/** A message as Ollama takes it: images are a field beside the text, and the result of a tool names the tool. */
export function ollamaMessage(message: LlmMessage): Message {
  switch (message.role) {
    case 'system':
      return { role: 'system', content: message.content }
    case 'user': {
      const images = messageImages(message).map(({ data }) => data)
      return { role: 'user', content: messageText(message), ...(images.length > 0 && { images }) }
    }
    case 'assistant':
      return {
        role: 'assistant',
        content: message.content,
        ...(message.toolCalls?.length && {
          tool_calls: message.toolCalls.map((call) => ({
            function: { name: call.toolName, arguments: toolInput(call.arguments) },
          })),
        }),
      }
    case 'tool':
      return {
        role: 'tool',
        tool_name: message.toolName,
        content: message.isError ? `Error: ${message.content}` : message.content,
      }
  }
}
