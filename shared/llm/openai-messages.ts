import type { ChatCompletionContentPart, ChatCompletionMessageParam } from 'openai/resources/chat/completions'
import type { LlmMessage, LlmPart } from './llm-provider.ts'

/** A message as chat completions take it. Tool messages have no field for a failure there, so the text says it. */
export function openaiMessage(message: LlmMessage): ChatCompletionMessageParam {
  switch (message.role) {
    case 'system':
      return { role: 'system', content: message.content }
    case 'user':
      return { role: 'user', content: typeof message.content === 'string' ? message.content : message.content.map(contentPart) }
    case 'assistant':
      return {
        role: 'assistant',
        content: message.content,
        ...(message.toolCalls?.length && {
          tool_calls: message.toolCalls.map(({ callId, toolName, arguments: json }) => ({
            id: callId,
            type: 'function' as const,
            function: { name: toolName, arguments: json },
          })),
        }),
      }
    case 'tool':
      return {
        role: 'tool',
        tool_call_id: message.callId,
        content: message.isError ? `Error: ${message.content}` : message.content,
      }
  }
}

function contentPart(part: LlmPart): ChatCompletionContentPart {
  if (part.type === 'text') return part
  return {
    type: 'image_url',
    image_url: { url: `data:${part.mediaType};base64,${Buffer.from(part.data).toString('base64')}` },
  }
}
