import type {
  ContentBlockParam,
  ImageBlockParam,
  MessageCreateParamsStreaming,
  OutputConfig,
  TextBlockParam,
  Tool,
  ToolChoice,
} from '@anthropic-ai/sdk/resources/messages/messages'
import { anthropicOutputFormat } from './anthropic-output-format.ts'
import { anthropicThoughts } from './anthropic-thoughts.ts'
import type { LlmEvent, LlmPart, LlmRequest } from './llm-provider.ts'
import { withThoughts } from './thoughts.ts'
import { toolInput } from './tool-input.ts'
import { declaredTools, systemTexts, type TurnMessage, vendorTurns } from './vendor-turns.ts'

/** The API requires a limit in every request: this one when the agent sets none. Thinking counts towards it. */
export const ANTHROPIC_MAX_TOKENS = 8_192

/** Parameters that the API does not have. Version 2026-10-21, which the SDK uses, has no sampling parameters any more. */
const UNKNOWN = ['temperature', 'topP', 'frequencyPenalty', 'presencePenalty'] as const

/** One warning for each parameter that is left out. */
export const anthropicWarnings = (request: LlmRequest): LlmEvent[] =>
  UNKNOWN.filter((name) => request[name] !== undefined).map((name) => ({
    type: 'warning',
    text: `${name}: not known to Anthropic, left out`,
  }))

/** A request as the Messages API takes it. */
export function anthropicRequest(request: LlmRequest): MessageCreateParamsStreaming {
  const { stopSequences, reasoningEffort } = request
  const system = systemTexts(request.messages)
  const tools = declaredTools(request)
  const choice = toolChoice(request)
  const outputConfig = outputConfiguration(request)
  return {
    model: request.model,
    max_tokens: request.maxTokens ?? ANTHROPIC_MAX_TOKENS,
    messages: vendorTurns(request.messages, contentBlocks).map(({ role, blocks }) => ({ role, content: blocks })),
    stream: true,
    ...(system.length > 0 && { system: system.map((text) => ({ type: 'text' as const, text })) }),
    ...(stopSequences && { stop_sequences: stopSequences }),
    ...(tools.length > 0 && { tools: tools.map(toolParam), ...(choice && { tool_choice: choice }) }),
    // A forced call and thinking exclude each other.
    ...(reasoningEffort &&
      request.toolChoice !== 'required' && { thinking: { type: 'adaptive' as const, display: 'summarized' as const } }),
    ...(outputConfig && { output_config: outputConfig }),
  }
}

function contentBlocks(message: TurnMessage): ContentBlockParam[] {
  switch (message.role) {
    case 'user':
      return typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : message.content.map(partBlock)
    case 'tool': {
      const { callId, content, isError } = message
      return [{ type: 'tool_result', tool_use_id: callId, content, ...(isError && { is_error: true }) }]
    }
    case 'assistant': {
      const calls = (message.toolCalls ?? []).map(
        (call): ContentBlockParam => ({
          type: 'tool_use',
          id: call.callId,
          name: call.toolName,
          input: toolInput(call.arguments),
        }),
      )
      // The API refuses an empty text.
      const visible: ContentBlockParam[] = message.content ? [{ type: 'text', text: message.content }, ...calls] : calls
      return withThoughts(visible, anthropicThoughts(message.state))
    }
  }
}

function partBlock(part: LlmPart): TextBlockParam | ImageBlockParam {
  if (part.type === 'text') return { type: 'text', text: part.text }
  const data = Buffer.from(part.data).toString('base64')
  return { type: 'image', source: { type: 'base64', media_type: part.mediaType, data } }
}

const toolParam = ({ name, description, parameters }: NonNullable<LlmRequest['tools']>[number]): Tool => ({
  name,
  description,
  input_schema: { ...parameters, type: 'object' },
})

/** Undefined for `auto`, the API's default. Without tools of its own, a request must not call those of earlier turns. */
function toolChoice({ tools = [], toolChoice: choice }: LlmRequest): ToolChoice | undefined {
  if (choice === 'none' || tools.length === 0) return { type: 'none' }
  return choice === 'required' ? { type: 'any' } : undefined
}

function outputConfiguration({ output, reasoningEffort }: LlmRequest): OutputConfig | undefined {
  const format = output && anthropicOutputFormat(output.schema)
  if (!format && !reasoningEffort) return undefined
  return { ...(reasoningEffort && { effort: reasoningEffort }), ...(format && { format }) }
}
