import type { LlmMessage, LlmRequest, LlmTool } from './llm-provider.ts'

/** Turns of vendors that know two roles and want them to alternate: results of tools are the user's. */
export type VendorTurn<Block> = { role: 'user' | 'assistant'; blocks: Block[] }

export type TurnMessage = Exclude<LlmMessage, { role: 'system' }>

/** What stands apart from the turns. */
export const systemTexts = (messages: readonly LlmMessage[]): string[] =>
  messages.flatMap((message) => (message.role === 'system' && message.content ? [message.content] : []))

/** Messages in the vendor's blocks; those of one role that follow each other are one turn, and one of which nothing is left is none. */
export function vendorTurns<Block>(
  messages: readonly LlmMessage[],
  blocksOf: (message: TurnMessage) => Block[],
): VendorTurn<Block>[] {
  const turns: VendorTurn<Block>[] = []
  for (const message of messages) {
    if (message.role === 'system') continue
    const role = message.role === 'assistant' ? 'assistant' : 'user'
    const blocks = blocksOf(message)
    const last = turns.at(-1)
    if (last?.role === role) last.blocks.push(...blocks)
    else if (blocks.length > 0) turns.push({ role, blocks })
  }
  return turns
}

/**
 * Tools to be declared. Vendors refuse messages with calls when there are no tools, as after an agent has lost its last one: then those that were
 * called are named.
 */
export function declaredTools({ tools = [], messages }: LlmRequest): LlmTool[] {
  if (tools.length > 0) return tools
  const calls = messages.flatMap((message) => (message.role === 'assistant' ? (message.toolCalls ?? []) : []))
  const names = new Set(calls.map((call) => call.toolName))
  return [...names].map((name) => ({ name, description: 'No longer there: do not call it.', parameters: { type: 'object' } }))
}
