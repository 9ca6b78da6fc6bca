import * as z from 'zod'
import { cancelExecution } from '#shared/executions/cancel-execution.ts'
import { changeAgentStatus } from '#shared/executions/change-agent-status.ts'
import { decideApproval } from '#shared/executions/decide-approval.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { retryExecution } from '#shared/executions/retry-execution.ts'
import { submitExecution } from '#shared/executions/submit-execution.ts'
import { publishMessage } from '#shared/messaging/publish-message.ts'
import { allowedUrl } from '#shared/platform/allowed-url.ts'
import { NotFoundError } from '#shared/platform/errors.ts'
import { STOP_POLICIES } from '#shared/protocol/agent.ts'
import { decideApprovalSchema } from '#shared/protocol/approval.ts'
import { publishMessageSchema } from '#shared/protocol/envelope.ts'
import { createExecutionSchema } from '#shared/protocol/execution.ts'
import { agentIdSchema, executionIdSchema, topicSchema } from '#shared/protocol/identifiers.ts'
import { field, withoutNulls } from './field.ts'
import { agentObject, executionObject } from './objects.ts'
import { GRAPHQL_VERBS } from './type-definitions.ts'

const repeatable = { idempotencyKey: z.string().min(1).max(256).optional() }
const executionKey = z.strictObject({ executionId: executionIdSchema })

/** An input object, in which null stands for what is left out. Its JSON may be null, and have nulls in it. */
const inputObject = <Schema extends z.ZodType>(json: string, schema: Schema) =>
  z.preprocess((given) => ({ ...withoutNestedNulls(Object(given)), [json]: Object(given)[json] }), schema)

function withoutNestedNulls(given: Record<string, unknown>): Record<string, unknown> {
  const { retry, llm, ...flat } = withoutNulls(given)
  return {
    ...flat,
    ...(retry !== undefined && { retry: withoutNulls(Object(retry)) }),
    ...(llm !== undefined && { llm: withoutNulls(Object(llm)) }),
  }
}

/** The fields of `Mutation`. */
export const MUTATIONS = {
  createExecution: field({
    scopes: ['executions:write'],
    args: z.strictObject({ input: inputObject('input', createExecutionSchema), ...repeatable }),
    async resolve({ principal, dependencies }, { input, idempotencyKey }) {
      if (input.callbackUrl !== undefined) allowedUrl(input.callbackUrl, dependencies.allowPrivateCallbacks)
      return accepted(await submitExecution(dependencies, principal, input, { idempotencyKey }))
    },
  }),

  cancelExecution: field({
    scopes: ['executions:write'],
    args: executionKey,
    resolve: async ({ principal: { tenant }, dependencies }, { executionId }) =>
      executionObject(await cancelExecution(dependencies, { tenant, executionId })),
  }),

  retryExecution: field({
    scopes: ['executions:write'],
    args: executionKey.extend(repeatable),
    resolve: async ({ principal, dependencies }, { executionId, idempotencyKey }) =>
      accepted(await retryExecution(dependencies, principal, executionId, { idempotencyKey })),
  }),

  decideApproval: field({
    scopes: ['approvals:write'],
    args: decideApprovalSchema.extend({ approvalId: z.uuid() }),
    resolve: ({ principal, dependencies }, { approvalId, ...decision }) =>
      decideApproval(dependencies, principal, approvalId, decision),
  }),

  changeAgent: field({
    scopes: ['agents:write'],
    args: z.strictObject({ agentId: agentIdSchema, verb: z.enum(GRAPHQL_VERBS), policy: z.enum(STOP_POLICIES).optional() }),
    async resolve({ principal: { tenant }, dependencies }, { agentId, verb, policy }) {
      const agent = await changeAgentStatus(dependencies, { tenant, agentId }, verb, { policy })
      if (!agent) throw new NotFoundError('agent', agentId)
      return agentObject(agent)
    },
  }),

  publishMessage: field({
    scopes: ['topics:publish'],
    args: z.strictObject({ topic: topicSchema, message: inputObject('data', publishMessageSchema), ...repeatable }),
    resolve: ({ principal, dependencies }, { topic, message, idempotencyKey }) =>
      publishMessage(dependencies, principal, topic, message, { idempotencyKey }),
  }),
}

/** What the caller may know who can only write, and the rest for those who can read. */
const accepted = (record: ExecutionRecord) => ({
  executionId: record.executionId,
  status: record.status,
  execution: field({ scopes: ['executions:read'], args: z.strictObject({}), resolve: () => executionObject(record) }),
})
