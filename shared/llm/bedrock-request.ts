import type {
  ContentBlock,
  ConverseStreamCommandInput,
  ImageFormat,
  Tool,
  ToolConfiguration,
} from '@aws-sdk/client-bedrock-runtime'
import type { ImageType } from '#shared/protocol/image-type.ts'
import type { LlmSettings } from '#shared/protocol/llm.ts'
import { bedrockThoughts } from './bedrock-thoughts.ts'
import type { LlmPart, LlmRequest } from './llm-provider.ts'
import { withThoughts } from './thoughts.ts'
import { jsonObject, toolInput } from './tool-input.ts'
import { declaredTools, systemTexts, type TurnMessage, vendorTurns } from './vendor-turns.ts'

const IMAGE_FORMATS: Readonly<Record<ImageType, ImageFormat>> = {
  'image/png': 'png',
  'image/jpeg': 'jpeg',
  'image/gif': 'gif',
  'image/webp': 'webp',
}

/** A request as ConverseStream takes it. Penalties do not exist there. */
export function bedrockRequest(request: LlmRequest, guardrail: LlmSettings['guardrail']): ConverseStreamCommandInput {
  const system = systemTexts(request.messages)
  const { temperature, maxTokens, topP, stopSequences } = request
  const limits = { temperature, maxTokens, topP, stopSequences }
  const toolConfig = toolConfiguration(request)
  const outputConfig = outputConfiguration(request)
  return {
    modelId: request.model,
    messages: vendorTurns(request.messages, contentBlocks).map(({ role, blocks }) => ({ role, content: blocks })),
    ...(system.length > 0 && { system: system.map((text) => ({ text })) }),
    ...(Object.values(limits).some((value) => value !== undefined) && { inferenceConfig: limits }),
    ...(toolConfig && { toolConfig }),
    ...(outputConfig && { outputConfig }),
    ...(guardrail && { guardrailConfig: { guardrailIdentifier: guardrail.id, guardrailVersion: guardrail.version } }),
  }
}

function contentBlocks(message: TurnMessage): ContentBlock[] {
  switch (message.role) {
    case 'user':
      return typeof message.content === 'string' ? [{ text: message.content }] : message.content.map(partBlock)
    case 'tool': {
      const { callId, content, isError } = message
      return [{ toolResult: { toolUseId: callId, content: [{ text: content }], ...(isError && { status: 'error' as const }) } }]
    }
    case 'assistant': {
      const calls = (message.toolCalls ?? []).map(
        (call): ContentBlock => ({
          toolUse: { toolUseId: call.callId, name: call.toolName, input: toolInput(call.arguments) },
        }),
      )
      // The API refuses an empty text.
      const visible: ContentBlock[] = message.content ? [{ text: message.content }, ...calls] : calls
      return withThoughts(visible, bedrockThoughts(message.state))
    }
  }
}

function partBlock(part: LlmPart): ContentBlock {
  if (part.type === 'text') return { text: part.text }
  return { image: { format: IMAGE_FORMATS[part.mediaType], source: { bytes: part.data } } }
}

/** Converse has no tool choice "none". Tools are then declared only if earlier turns called some: it refuses such turns without them. */
function toolConfiguration(request: LlmRequest): ToolConfiguration | undefined {
  const called = request.messages.some((message) => message.role === 'tool')
  const tools = request.toolChoice === 'none' && !called ? [] : declaredTools(request)
  if (tools.length === 0) return undefined
  return {
    tools: tools.map(
      ({ name, description, parameters }): Tool => ({
        toolSpec: { name, description, inputSchema: { json: jsonObject(parameters) } },
      }),
    ),
    ...(request.toolChoice === 'required' && { toolChoice: { any: {} } }),
  }
}

function outputConfiguration({ output, reasoningEffort }: LlmRequest): ConverseStreamCommandInput['outputConfig'] {
  if (!output && !reasoningEffort) return undefined
  return {
    ...(reasoningEffort && { effort: reasoningEffort }),
    ...(output && {
      textFormat: {
        type: 'json_schema' as const,
        structure: { jsonSchema: { name: output.name, schema: JSON.stringify(output.schema) } },
      },
    }),
  }
}
