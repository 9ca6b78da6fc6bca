import * as z from 'zod'
import type { Principal } from '#shared/access/principal.ts'
import { principalSource } from '#shared/access/principal-source.ts'
import { type ConversationHead, type ConversationStore, MAX_TURNS, type Turn } from '#shared/conversations/conversation-store.ts'
import { timestamp } from '#shared/platform/clock.ts'
import { ForbiddenError, NotFoundError, SluiceError } from '#shared/platform/errors.ts'
import {
  type ConversationView,
  conversationExportSchema,
  conversationIdSchema,
  conversationListSchema,
  conversationPageSchema,
  conversationSearchSchema,
  SEARCHED_CONVERSATIONS,
  SEARCHED_LENGTH,
  SEARCHED_TURNS,
  type TurnView,
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

const shown = ({ conversationId, name, tenant: _, ...head }: ConversationHead): ConversationView => ({
  id: conversationId,
  conversationId: name,
  ...head,
})

const shownTurn = ({ place: _, ...turn }: Turn): TurnView => turn

/** Largest export, in bytes of what was said: Lambda answers with 6 MB at the most. */
const MAX_EXPORT_BYTES = 4_000_000

/** @throws SluiceError `payload_too_large` */
async function everythingSaid(conversations: ConversationStore, head: ConversationHead): Promise<TurnView[]> {
  const turns: TurnView[] = []
  let bytes = 0
  let after: string | undefined
  do {
    const page = await conversations.readPage(head, { limit: MAX_TURNS, after })
    turns.push(...page.turns.map(shownTurn))
    bytes += page.turns.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0)
    if (bytes > MAX_EXPORT_BYTES)
      throw new SluiceError(
        'payload_too_large',
        `the conversation is larger than ${MAX_EXPORT_BYTES} bytes: read it page by page`,
      )
    after = page.next
  } while (after !== undefined)
  return turns
}

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
    path: '/v1/conversations/search',
    operation: 'searchConversations',
    summary: 'What was said with an agent, by its words',
    description: `The caller’s own: the latest ${SEARCHED_CONVERSATIONS} conversations, the last ${SEARCHED_TURNS} turns of each, ${SEARCHED_LENGTH.toLocaleString('en')} characters in all. \`more\` tells that there are older ones.`,
    tag: 'Conversations',
    scope: 'executions:read',
    query: z.strictObject({
      agentId: agentIdSchema,
      query: z.string().min(1).max(500),
      limit: pageQuery({ byDefault: 20 }).limit,
    }),
    status: 200,
    response: conversationSearchSchema,
    async handle({ principal: { tenant, subject }, query: { agentId, query, limit } }, { conversations }) {
      const { searchConversations } = await import('#shared/conversations/search-conversations.ts')
      const of = { tenant, agentId, source: principalSource(subject) }
      const { hits, more } = await searchConversations(conversations, of, query, limit)
      const shownHits = hits.map(({ head, turn }) => ({
        id: head.conversationId,
        conversationId: head.name,
        turn: shownTurn(turn),
      }))
      return { body: { hits: shownHits, more } }
    },
  }),

  route({
    method: 'GET',
    path: '/v1/conversations/{id}/export',
    operation: 'exportConversation',
    summary: 'All of a conversation of one’s own',
    description: 'Up to 4 MB of what was said; what is longer is read page by page.',
    tag: 'Conversations',
    errors: ['not_found', 'payload_too_large'],
    scope: 'executions:read',
    params,
    status: 200,
    response: conversationExportSchema,
    async handle({ principal, params: { id } }, { conversations, clock }) {
      const head = await findOwn(conversations, principal, id)
      const turns = await everythingSaid(conversations, head)
      return { body: { ...shown(head), exportedAt: timestamp(clock), turns } }
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
      return { body: { ...shown(head), turns: turns.map(shownTurn), next } }
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
