import {
  type Content,
  FunctionCallingConfigMode,
  type GenerateContentConfig,
  type GenerateContentParameters,
  type Part,
  ThinkingLevel,
} from '@google/genai/web'
import { googleSignatures } from './google-signatures.ts'
import type { LlmPart, LlmRequest } from './llm-provider.ts'
import { toolInput } from './tool-input.ts'
import { declaredTools, systemTexts, type TurnMessage, vendorTurns } from './vendor-turns.ts'

const MODES = {
  auto: FunctionCallingConfigMode.AUTO,
  none: FunctionCallingConfigMode.NONE,
  required: FunctionCallingConfigMode.ANY,
} as const

const LEVELS = { low: ThinkingLevel.LOW, medium: ThinkingLevel.MEDIUM, high: ThinkingLevel.HIGH } as const

/** A request as `generateContentStream` takes it. */
export function googleRequest(request: LlmRequest): GenerateContentParameters & { config: GenerateContentConfig } {
  const { temperature, topP, maxTokens, stopSequences, frequencyPenalty, presencePenalty, reasoningEffort } = request
  const system = systemTexts(request.messages)
  return {
    model: request.model,
    contents: vendorTurns(request.messages, parts).map(
      ({ role, blocks }): Content => ({ role: role === 'assistant' ? 'model' : 'user', parts: blocks }),
    ),
    config: {
      ...(system.length > 0 && { systemInstruction: { parts: system.map((text) => ({ text })) } }),
      ...(temperature !== undefined && { temperature }),
      ...(topP !== undefined && { topP }),
      ...(maxTokens !== undefined && { maxOutputTokens: maxTokens }),
      ...(stopSequences && { stopSequences }),
      ...(frequencyPenalty !== undefined && { frequencyPenalty }),
      ...(presencePenalty !== undefined && { presencePenalty }),
      ...(reasoningEffort && { thinkingConfig: { includeThoughts: true, thinkingLevel: LEVELS[reasoningEffort] } }),
      ...toolConfig(request),
      ...outputConfig(request),
      // Otherwise the SDK calls functions and continues answers on its own.
      automaticFunctionCalling: { disable: true },
      automaticContinuation: false,
    },
  }
}

function parts(message: TurnMessage): Part[] {
  switch (message.role) {
    case 'user':
      return typeof message.content === 'string' ? [{ text: message.content }] : message.content.map(userPart)
    case 'tool': {
      const { callId: id, toolName: name, content, isError } = message
      return [{ functionResponse: { id, name, response: isError ? { error: content } : { output: content } } }]
    }
    case 'assistant': {
      const signatures = googleSignatures(message.state)
      const signed = (thoughtSignature: string | undefined) => thoughtSignature && { thoughtSignature }
      const calls = (message.toolCalls ?? []).map(({ callId: id, toolName: name, arguments: json }): Part => {
        return { functionCall: { id, name, args: toolInput(json) }, ...signed(signatures.calls[id]) }
      })
      if (!message.content && !signatures.text) return calls
      return [{ text: message.content, ...signed(signatures.text) }, ...calls]
    }
  }
}

function userPart(part: LlmPart): Part {
  if (part.type === 'text') return { text: part.text }
  return { inlineData: { mimeType: part.mediaType, data: Buffer.from(part.data).toString('base64') } }
}

/** Without tools of its own, a request must not call those of earlier turns. */
function toolConfig(request: LlmRequest): GenerateContentConfig {
  const declared = declaredTools(request)
  if (declared.length === 0) return {}
  const choice = request.tools?.length ? request.toolChoice : 'none'
  return {
    tools: [
      {
        functionDeclarations: declared.map(({ name, description, parameters }) => ({
          name,
          description,
          parametersJsonSchema: parameters,
        })),
      },
    ],
    ...(choice && { toolConfig: { functionCallingConfig: { mode: MODES[choice] } } }),
  }
}

/** Models before Gemini 3 refuse a schema together with tools: then only the prompt asks for JSON. */
function outputConfig({ output, tools = [] }: LlmRequest): GenerateContentConfig {
  if (!output || tools.length > 0) return {}
  return { responseMimeType: 'application/json', responseJsonSchema: output.schema }
}
