import type { ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions'
import type { LlmRequest, LlmTool } from './llm-provider.ts'
import { openaiMessage } from './openai-messages.ts'
import { isStrictSchema } from './openai-strict-schema.ts'

/**
 * The parameter that limits the answer: OpenAI's reasoning models refuse the old name, compatible servers may not know the new one.
 * Source: OpenAI API reference, "Create chat completion".
 */
export type OpenaiLimitName = 'max_completion_tokens' | 'max_tokens'

/** The body of a chat completion. Absent parameters are left out, so that the server's own defaults apply. */
export function openaiRequest(request: LlmRequest, limitName: OpenaiLimitName): ChatCompletionCreateParamsStreaming {
  const { output, tools = [] } = request
  return {
    model: request.model,
    messages: request.messages.map(openaiMessage),
    stream: true,
    stream_options: { include_usage: true },
    ...(request.temperature !== undefined && { temperature: request.temperature }),
    ...(request.maxTokens !== undefined && { [limitName]: request.maxTokens }),
    ...(request.topP !== undefined && { top_p: request.topP }),
    ...(request.frequencyPenalty !== undefined && { frequency_penalty: request.frequencyPenalty }),
    ...(request.presencePenalty !== undefined && { presence_penalty: request.presencePenalty }),
    ...(request.stopSequences !== undefined && { stop: request.stopSequences }),
    ...(request.reasoningEffort !== undefined && { reasoning_effort: request.reasoningEffort }),
    // The API refuses a tool choice without tools.
    ...(tools.length > 0 && {
      tools: tools.map(openaiTool),
      ...(request.toolChoice !== undefined && { tool_choice: request.toolChoice }),
    }),
    ...(output && {
      response_format: {
        type: 'json_schema' as const,
        json_schema: { name: output.name, schema: output.schema, ...strictly(output.schema) },
      },
    }),
  }
}

function openaiTool({ name, description, parameters }: LlmTool) {
  return { type: 'function' as const, function: { name, description, parameters, ...strictly(parameters) } }
}

const strictly = (schema: LlmTool['parameters']): { strict?: true } => (isStrictSchema(schema) ? { strict: true } : {})
