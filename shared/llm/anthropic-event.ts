import * as z from 'zod'

const index = z.int().nonnegative()
const tokens = z.int().nonnegative().nullish()

/** Tokens of the whole call so far. Input that was read from or written to the cache is counted apart from the rest. */
const usageSchema = z.object({
  input_tokens: tokens,
  output_tokens: tokens,
  cache_read_input_tokens: tokens,
  cache_creation_input_tokens: tokens,
  output_tokens_details: z.object({ thinking_tokens: tokens }).nullish(),
})

const blockStartSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('tool_use'), id: z.string(), name: z.string() }),
  z.object({ type: z.literal('redacted_thinking'), data: z.string() }),
])

const deltaSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text_delta'), text: z.string() }),
  z.object({ type: z.literal('input_json_delta'), partial_json: z.string() }),
  z.object({ type: z.literal('thinking_delta'), thinking: z.string() }),
  z.object({ type: z.literal('signature_delta'), signature: z.string() }),
])

const ofAnotherType = z.object({ type: z.string() }).transform(() => undefined)

/** What we need of an event of the stream. Blocks and deltas of types that we do not ask for are undefined. */
export const anthropicEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('message_start'), message: z.object({ usage: usageSchema }) }),
  z.object({ type: z.literal('content_block_start'), index, content_block: z.union([blockStartSchema, ofAnotherType]) }),
  z.object({ type: z.literal('content_block_delta'), index, delta: z.union([deltaSchema, ofAnotherType]) }),
  z.object({ type: z.literal('content_block_stop'), index }),
  z.object({ type: z.literal('message_delta'), delta: z.object({ stop_reason: z.string().nullish() }), usage: usageSchema }),
  z.object({ type: z.literal('message_stop') }),
])

export type AnthropicUsage = z.infer<typeof usageSchema>
export type AnthropicDelta = z.infer<typeof deltaSchema>
