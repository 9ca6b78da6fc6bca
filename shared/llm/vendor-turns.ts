import type { LlmMessage, LlmRequest, LlmTool } from './llm-provider.ts'

/** A turn for vendors with two roles that must alternate: results of tools belong to the user. */
export type VendorTurn<Block> = { role: 'user' | 'assistant'; blocks: Block[] }

export type TurnMessage = Exclude<LlmMessage, { role: 'system' }>

/** The system messages, which these vendors take apart from the turns. */
export const systemTexts = (messages: readonly LlmMessage[]): string[] =>
  messages.flatMap((message) => (message.role === 'system' && message.content ? [message.content] : []))

/** Messages as turns of the vendor's blocks. Neighbours of the same role become one turn; a message without any block is dropped. */
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
 * The tools to declare. Vendors refuse messages that contain tool calls when no tools are declared, which happens after an agent's last tool is
 * removed: then the tools that were called are declared.
 */
export function declaredTools({ tools = [], messages }: LlmRequest): LlmTool[] {
  if (tools.length > 0) return tools
  const calls = messages.flatMap((message) => (message.role === 'assistant' ? (message.toolCalls ?? []) : []))
  const names = new Set(calls.map((call) => call.toolName))
  return [...names].map((name) => ({ name, description: 'No longer there: do not call it.', parameters: { type: 'object' } }))
}
