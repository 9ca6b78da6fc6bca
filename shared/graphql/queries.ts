import * as z from 'zod'
import { principalSource } from '#shared/access/principal-source.ts'
import { callerConversation } from '#shared/conversations/caller-conversation.ts'
import { MAX_TURNS } from '#shared/conversations/conversation-store.ts'
import { readFacts } from '#shared/events/read-facts.ts'
import { findApproval } from '#shared/executions/decide-approval.ts'
import { listApprovals } from '#shared/executions/list-approvals.ts'
import { NotFoundError } from '#shared/platform/errors.ts'
import { APPROVAL_STATUSES } from '#shared/protocol/approval-statuses.ts'
import { topicChannel } from '#shared/protocol/channel.ts'
import { agentIdSchema, executionIdSchema, topicSchema } from '#shared/protocol/identifiers.ts'
import { MAX_EVENTS_PAGE, MAX_TOPIC_EVENTS_PAGE } from '#shared/protocol/limits.ts'
import type { DeclaredTopic } from '#shared/protocol/topic.ts'
import { toEventPage } from '#shared/streams/event-page.ts'
import { eventObject } from './event-object.ts'
import { field } from './field.ts'
import type { GraphqlContext } from './graphql-context.ts'
import {
  agentObject,
  executionEventArgs,
  executionListArgs,
  executionObject,
  findRecord,
  readAgent,
  readExecutionEvents,
  readExecutions,
} from './objects.ts'
import { listArgs, streamArgs } from './pages.ts'

const agentKey = z.strictObject({ agentId: agentIdSchema })
const executionKey = z.strictObject({ executionId: executionIdSchema })
const topicKey = z.strictObject({ topic: topicSchema })
const topicEventArgs = streamArgs(MAX_TOPIC_EVENTS_PAGE)

/** The fields of `Query`. */
export const QUERIES = {
  agent: field({
    scopes: ['agents:read'],
    args: agentKey,
    resolve: (context, { agentId }) => readAgent(context, agentId),
  }),

  agents: field({
    scopes: ['agents:read'],
    args: listArgs,
    async resolve({ principal, dependencies }, page) {
      const { agents, next } = await dependencies.agents.list(principal.tenant, page)
      return { nodes: agents.map(agentObject), next }
    },
  }),

  execution: field({
    scopes: ['executions:read'],
    args: executionKey,
    resolve: async (context, { executionId }) => executionObject(await findRecord(context, executionId)),
  }),

  executions: field({
    scopes: ['executions:read'],
    args: executionListArgs.extend(agentKey.shape),
    resolve: (context, { agentId, ...page }) => readExecutions(context, agentId, page),
  }),

  executionEvents: field({
    scopes: ['executions:read'],
    args: executionEventArgs.extend(executionKey.shape),
    resolve: async (context, { executionId, ...page }) =>
      readExecutionEvents(context, await findRecord(context, executionId), page),
  }),

  approval: field({
    scopes: ['approvals:read'],
    args: z.strictObject({ approvalId: z.uuid() }),
    resolve: ({ principal, dependencies }, { approvalId }) => findApproval(dependencies, principal.tenant, approvalId),
  }),

  approvals: field({
    scopes: ['approvals:read'],
    args: listArgs.extend({
      status: z.enum(APPROVAL_STATUSES).optional(),
      agentId: agentIdSchema.optional(),
      executionId: executionIdSchema.optional(),
    }),
    async resolve({ principal, dependencies }, { limit, after, ...filter }) {
      const { approvals, next } = await listApprovals(dependencies, principal.tenant, filter, { limit, after })
      return { nodes: approvals, next }
    },
  }),

  topic: field({
    scopes: ['topics:read'],
    args: topicKey,
    async resolve({ principal, dependencies }, { topic }) {
      const declared = await dependencies.topicStore.get(principal.tenant, topic)
      if (!declared) throw new NotFoundError('topic', topic)
      return topicObject(declared)
    },
  }),

  topics: field({
    scopes: ['topics:read'],
    args: listArgs,
    async resolve({ principal, dependencies }, page) {
      const { topics, next } = await dependencies.topicStore.list(principal.tenant, page)
      return { nodes: topics.map(topicObject), next }
    },
  }),

  topicEvents: field({
    scopes: ['topics:read'],
    args: topicEventArgs.extend(topicKey.shape),
    resolve: (context, { topic, ...page }) => readTopicEvents(context, topic, page),
  }),

  agentEvents: field({
    scopes: ['agents:read', 'executions:read'],
    args: streamArgs(MAX_EVENTS_PAGE).extend({ agentId: agentIdSchema.optional(), type: z.string().min(1).optional() }),
    async resolve({ principal: { tenant }, dependencies }, query) {
      const { events, next } = await readFacts(dependencies.streamLog, { tenant, ...query })
      return { nodes: events.map((event) => eventObject(event)), next }
    },
  }),

  conversation: field({
    scopes: ['executions:read'],
    args: agentKey.extend({ conversationId: z.string().max(128), limit: z.int().min(1).max(MAX_TURNS) }),
    async resolve({ principal: { tenant, subject }, dependencies }, { agentId, conversationId, limit }) {
      const ref = callerConversation(tenant, { agentId, source: principalSource(subject), conversationId })
      return { agentId, conversationId, turns: await dependencies.conversations.read(ref, limit) }
    },
  }),
}

/** A declared topic, with its messages. */
const topicObject = (topic: DeclaredTopic) => ({
  ...topic,
  events: field({
    scopes: ['topics:read'],
    args: topicEventArgs,
    resolve: (context, page) => readTopicEvents(context, topic.topic, page),
  }),
})

async function readTopicEvents(
  { principal: { tenant }, dependencies }: GraphqlContext,
  topic: string,
  { after, limit }: z.infer<typeof topicEventArgs>,
) {
  const found = await dependencies.streamLog.read({ tenant, channel: topicChannel(topic) }, after, limit)
  const { events, next } = toEventPage(found, after, false)
  return { nodes: events.map((event) => eventObject(event)), next }
}
