import type { ContentBlock } from '@aws-sdk/client-bedrock-runtime'
import * as z from 'zod'
import type { LlmState } from './llm-provider.ts'
import type { Thought } from './thoughts.ts'

/** Thoughts as the state of a turn keeps them. Redacted ones are encrypted bytes, in base64. */
export const bedrockThoughtSchema = z.object({
  before: z.int().nonnegative(),
  block: z.union([z.object({ text: z.string(), signature: z.string().optional() }), z.object({ redacted: z.base64() })]),
})

export type BedrockThought = z.infer<typeof bedrockThoughtSchema>

export const bedrockState = (thoughts: BedrockThought[]): LlmState => ({ provider: 'bedrock', value: thoughts })

/** Blocks to be sent back with a turn; none for the state of another vendor. */
export function bedrockThoughts(state: LlmState | undefined): Thought<ContentBlock>[] {
  if (state?.provider !== 'bedrock') return []
  const thoughts = z.array(bedrockThoughtSchema).safeParse(state.value).data ?? []
  return thoughts.map(({ before, block }) => ({ before, block: { reasoningContent: reasoning(block) } }))
}

function reasoning(block: BedrockThought['block']) {
  return 'redacted' in block ? { redactedContent: Buffer.from(block.redacted, 'base64') } : { reasoningText: block }
}
