import * as z from 'zod'
import type { Principal } from '#shared/access/principal.ts'
import { principalSource } from '#shared/access/principal-source.ts'
import { type ConversationHead, type ConversationStore, MAX_TURNS } from '#shared/conversations/conversation-store.ts'
import { ForbiddenError, NotFoundError } from '#shared/platform/errors.ts'
import {
  conversationIdSchema,
  conversationListSchema,
  conversationPageSchema,
  type conversationSchema,
} from '#shared/protocol/conversation.ts'
import { agentIdSchema } from '#shared/protocol/identifiers.ts'
import type { Role } from '#shared/protocol/scopes.ts'
import { pageQuery } from '../query.ts'
import { type Route, route } from '../route.ts'

/** Who may read what others have said. */
const READERS_OF_ALL: readonly Role[] = ['admin', 'operator']

const params = z.object({ id: conversationIdSchema })
const all = z.enum(['true', 'false']).default('false')

const ALL = 'Conversations of others are shown with `all=true`, to the roles `admin` and `operator`.'

/** @throws ForbiddenError when it wants to read those of others, and may not */
function readsAll({ roles = [] }: Principal, all: 'true' | 'false'): boolean {
  if (all === 'false') return false
  if (READERS_OF_ALL.some((role) => roles.includes(role))) return true
  throw new ForbiddenError('only the roles "admin" and "operator" read the conversations of others')
}

/** @throws NotFoundError, also for one that is somebody else's */
async function findOwn(
  conversations: ConversationStore,
  { tenant, subject }: Principal,
  id: string,
  ofAnybody = false,
): Promise<ConversationHead> {
  const head = await conversations.find({ tenant, conversationId: id })
  if (head && (ofAnybody || head.source === principalSource(subject))) return head
  throw new NotFoundError('conversation', id)
}

const shown = ({
  conversationId,
  name,
  agentId,
  source,
  createdAt,
  updatedAt,
}: ConversationHead): z.infer<typeof conversationSchema> => ({
  id: conversationId,
  conversationId: name,
  agentId,
  source,
  createdAt,
  updatedAt,
})

export const CONVERSATION_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/conversations',
    operation: 'listConversations',
    summary: 'Conversations with an agent, the latest active first',
    description: ALL,
    tag: 'Conversations',
    errors: ['forbidden'],
    scope: 'executions:read',
    query: z.strictObject({
      agentId: agentIdSchema,
      all,
      ...pageQuery({ byDefault: 20 }),
    }),
    status: 200,
    response: conversationListSchema,
    async handle({ principal, query: { agentId, all, ...page } }, dependencies) {
      const source = readsAll(principal, all) ? undefined : principalSource(principal.subject)
      const { conversations, next } = await dependencies.conversations.list({ tenant: principal.tenant, agentId, source }, page)
      return { body: { conversations: conversations.map(shown), next } }
    },
  }),

  route({
    method: 'GET',
    path: '/v1/conversations/{id}',
    operation: 'getConversation',
    summary: 'A conversation with its turns, from the first on',
    description: ALL,
    tag: 'Conversations',
    errors: ['not_found', 'forbidden'],
    scope: 'executions:read',
    params,
    query: z.strictObject({ all, ...pageQuery({ byDefault: 20, max: MAX_TURNS }) }),
    status: 200,
    response: conversationPageSchema,
    async handle({ principal, params: { id }, query: { all, ...page } }, { conversations }) {
      const head = await findOwn(conversations, principal, id, readsAll(principal, all))
      const { turns, next } = await conversations.readPage(head, page)
      return { body: { ...shown(head), turns: turns.map(({ role, content, at }) => ({ role, content, at })), next } }
    },
  }),

  route({
    method: 'DELETE',
    path: '/v1/conversations/{id}',
    operation: 'deleteConversation',
    summary: 'Forgets a conversation of one’s own',
    tag: 'Conversations',
    errors: ['not_found'],
    scope: 'executions:write',
    params,
    status: 204,
    response: z.undefined(),
    async handle({ principal, params: { id } }, { conversations }) {
      await conversations.remove(await findOwn(conversations, principal, id))
      return {}
    },
  }),
]
