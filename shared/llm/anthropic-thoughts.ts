import type { ContentBlockParam } from '@anthropic-ai/sdk/resources/messages/messages'
import * as z from 'zod'
import type { LlmState } from './llm-provider.ts'
import type { Thought } from './thoughts.ts'

const blockSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('thinking'), thinking: z.string(), signature: z.string() }),
  z.object({ type: z.literal('redacted_thinking'), data: z.string() }),
])

const thoughtsSchema = z.array(z.object({ before: z.int().nonnegative(), block: blockSchema }))

export type AnthropicThought = z.infer<typeof thoughtsSchema>[number]

export const anthropicState = (thoughts: AnthropicThought[]): LlmState => ({ provider: 'anthropic', value: thoughts })

/** Blocks to be sent back with a turn; none for the state of another vendor. */
export function anthropicThoughts(state: LlmState | undefined): Thought<ContentBlockParam>[] {
  if (state?.provider !== 'anthropic') return []
  return thoughtsSchema.safeParse(state.value).data ?? []
}
