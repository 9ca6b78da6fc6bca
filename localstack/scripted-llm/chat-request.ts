import * as z from 'zod'
import type { LlmMessage, LlmPart, LlmRequest } from '#shared/llm/llm-provider.ts'
import { IMAGE_TYPES } from '#shared/protocol/image-type.ts'

const DATA_URL = /^data:([^;]+);base64,([A-Za-z0-9+/=]*)$/

const partSchema = z.union([
  z.object({ type: z.literal('text'), text: z.string() }),
  z
    .object({ type: z.literal('image_url'), image_url: z.object({ url: z.string().regex(DATA_URL) }) })
    .transform(({ image_url: { url } }): LlmPart => {
      const [, type = '', base64 = ''] = DATA_URL.exec(url) ?? []
      return { type: 'image', mediaType: z.enum(IMAGE_TYPES).parse(type), data: Buffer.from(base64, 'base64') }
    }),
])

const callSchema = z.object({ id: z.string().min(1), function: z.object({ name: z.string().min(1), arguments: z.string() }) })

const messageSchema = z.discriminatedUnion('role', [
  z.object({ role: z.literal(['system', 'developer']), content: z.string() }),
  z.object({ role: z.literal('user'), content: z.union([z.string(), z.array(partSchema).min(1)]) }),
  z.object({ role: z.literal('assistant'), content: z.string().nullish(), tool_calls: z.array(callSchema).nullish() }),
  z.object({ role: z.literal('tool'), tool_call_id: z.string().min(1), content: z.string() }),
])

const schemaSchema = z.record(z.string(), z.unknown())

/** Body of `POST /v1/chat/completions`, as far as it decides anything here. */
export const chatRequestSchema = z.object({
  model: z.string().min(1),
  messages: z.array(messageSchema).min(1),
  stream: z.boolean().default(false),
  stream_options: z.object({ include_usage: z.boolean().optional() }).nullish(),
  max_tokens: z.int().positive().nullish(),
  max_completion_tokens: z.int().positive().nullish(),
  tools: z
    .array(
      z.object({
        type: z.literal('function'),
        function: z.object({
          name: z.string().min(1),
          description: z.string().default(''),
          parameters: schemaSchema.default({}),
        }),
      }),
    )
    .nullish(),
  tool_choice: z.enum(['auto', 'none', 'required']).nullish(),
  response_format: z
    .object({
      type: z.string(),
      json_schema: z.object({ name: z.string(), schema: schemaSchema.default({}) }).optional(),
    })
    .nullish(),
})

export type ChatRequest = z.infer<typeof chatRequestSchema>

/** The request as a script takes it. @throws z.ZodError for an answer to a call that nobody made, as OpenAI refuses it */
export function llmRequestOf(request: ChatRequest): LlmRequest {
  const { model, messages, tools, tool_choice, response_format } = request
  return {
    model,
    messages: llmMessages(messages),
    tools: tools?.map((tool) => tool.function),
    toolChoice: tool_choice ?? undefined,
    output: response_format?.json_schema,
  }
}

function llmMessages(messages: ChatRequest['messages']): LlmMessage[] {
  const calls = messages.flatMap((message) => (message.role === 'assistant' ? (message.tool_calls ?? []) : []))
  const toolNames = new Map(calls.map((call) => [call.id, call.function.name]))
  return messages.map((message) => llmMessage(message, toolNames))
}

function llmMessage(message: ChatRequest['messages'][number], toolNames: ReadonlyMap<string, string>): LlmMessage {
  switch (message.role) {
    case 'system':
    case 'developer':
      return { role: 'system', content: message.content }
    case 'user':
      return message
    case 'assistant': {
      const toolCalls = message.tool_calls?.map(({ id, function: called }) => ({
        callId: id,
        toolName: called.name,
        arguments: called.arguments,
      }))
      return { role: 'assistant', content: message.content ?? '', toolCalls }
    }
    case 'tool': {
      const callId = message.tool_call_id
      return { role: 'tool', callId, toolName: z.string().parse(toolNames.get(callId)), content: message.content }
    }
  }
}
