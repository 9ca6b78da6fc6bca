import { callerConversation } from '#shared/conversations/caller-conversation.ts'
import { type ConversationStore, MAX_TURNS, type Turn } from '#shared/conversations/conversation-store.ts'
import { searchedOf } from '#shared/conversations/searched-of.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import type { OpenTool } from './open-tool.ts'
import type { ToolCaller } from './toolbox.ts'

const DEFAULT_FOUND = 5
/** Most characters of one turn that are shown. */
const MAX_SHOWN = 1_000

const TOOL = {
  name: 'search_conversation',
  description: `Searches the last ${MAX_TURNS} turns of this conversation for words, also those that you are not shown any more. The best match comes first.`,
  parameters: {
    type: 'object',
    properties: {
      query: { type: 'string', minLength: 1, maxLength: 500, description: 'Words to look for.' },
      limit: {
        type: 'integer',
        minimum: 1,
        maximum: 20,
        description: `Most turns to show; ${DEFAULT_FOUND} when it is left out.`,
      },
    },
    required: ['query'],
    additionalProperties: false,
  },
}

type Search = { query: string; limit?: number }

/** The built-in tool `search_conversation`: searches the execution's own conversation, and no other. */
export const searchConversation = (
  { conversations }: { conversations: Pick<ConversationStore, 'read'> },
  { tenant, agentId, source, conversationId }: ToolCaller,
): OpenTool => ({
  tool: TOOL,
  repeatable: true,
  async call(input) {
    if (conversationId === undefined || source === undefined)
      throw new SluiceError('invalid_state', 'this request belongs to no conversation')
    const { query, limit = DEFAULT_FOUND } = input as Search
    const turns = await conversations.read(callerConversation(tenant, { agentId, source, conversationId }), MAX_TURNS)
    const { rankTurns } = await import('#shared/conversations/rank-turns.ts')
    // Of equal matches the latest comes first.
    const found = rankTurns(searchedOf(turns.toReversed()), query, limit)
    return { content: found.map(shown).join('\n\n') || 'nothing was found' }
  },
})

function shown({ role, at, content }: Turn): string {
  const text = content.length <= MAX_SHOWN ? content : `${content.slice(0, MAX_SHOWN).toWellFormed()}…`
  return `[${at}, ${role}] ${text}`
}
