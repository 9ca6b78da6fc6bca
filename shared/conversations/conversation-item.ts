import * as z from 'zod'
import { derivedId } from '#shared/platform/ids.ts'
import type { Conversation, ConversationHead, ConversationRef, Turn } from './conversation-store.ts'

/**
 * Items of the executions table: each turn at `T#<tenant>#CONV#<conversation>` / its place, and one head per conversation, which lists show, at
 * `T#<tenant>#CONVERSATION#<conversation>`. The head is in two indexes, in partitions of its own: `agent` has all conversations of an agent, `tenant`
 * those of one owner with it. Both sort by the last activity.
 */
const turnSchema = z.object({
  sk: z.string(),
  role: z.enum(['user', 'assistant']),
  content: z.string(),
  attachments: z.array(z.string()).optional(),
  at: z.string(),
})

const headSchema = z.object({
  tenant: z.string(),
  conversationId: z.string(),
  agentId: z.string(),
  source: z.string(),
  name: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
  summary: z.string().optional(),
})

export const turnPartition = ({ tenant, conversationId }: ConversationRef): string => `T#${tenant}#CONV#${conversationId}`

export const headKey = ({ tenant, conversationId }: ConversationRef): { pk: string; sk: string } => ({
  pk: `T#${tenant}#CONVERSATION#${conversationId}`,
  sk: 'CONVERSATION',
})

/** The partition of an agent's conversations in the index `agent`. */
export const agentPartition = ({ tenant, agentId }: Pick<Conversation, 'tenant' | 'agentId'>): string =>
  `T#${tenant}#CONVERSATIONS#${agentId}`

/** The partition of an owner's conversations with an agent, in the index `tenant`. */
export const ownerPartition = ({ tenant, agentId, source }: Pick<Conversation, 'tenant' | 'agentId' | 'source'>): string =>
  `T#${tenant}#OWNCONVERSATIONS#${derivedId('owner', agentId, source)}`

/** The update of a head after a turn. @param at - the time of the turn; the condition fails if a later one is stored */
export const headUpdate = (TableName: string, conversation: Conversation, at: string, { expiresAt }: { expiresAt: number }) => ({
  TableName,
  Key: headKey(conversation),
  UpdateExpression:
    'SET tenant = :tenant, conversationId = :id, agentId = :agentId, #source = :source, #name = :name, createdAt = if_not_exists(createdAt, :at), updatedAt = :at, expiresAt = :expiresAt, agentPk = :agentPk, tenantPk = :ownerPk, agentSk = :place',
  ConditionExpression: 'attribute_not_exists(updatedAt) OR updatedAt <= :at',
  ExpressionAttributeNames: { '#source': 'source', '#name': 'name' },
  ExpressionAttributeValues: {
    ':tenant': conversation.tenant,
    ':id': conversation.conversationId,
    ':agentId': conversation.agentId,
    ':source': conversation.source,
    ':name': conversation.name,
    ':at': at,
    ':expiresAt': expiresAt,
    ':agentPk': agentPartition(conversation),
    ':ownerPk': ownerPartition(conversation),
    ':place': `${at}#${conversation.conversationId}`,
  },
})

/** Undefined if nothing has been said yet: the item then only holds the floor. */
export const toHead = (item: Record<string, unknown>): ConversationHead | undefined =>
  item.updatedAt === undefined ? undefined : headSchema.parse(item)

export function toTurn(item: unknown): Turn {
  const { sk: place, ...turn } = turnSchema.parse(item)
  return { place, ...turn }
}
