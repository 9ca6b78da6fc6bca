import * as z from 'zod'
import { approvalSchema, decideApprovalSchema } from './approval.ts'
import { channelSchema } from './channel.ts'
import { createExecutionSchema, EXECUTION_STATUSES, executionAcceptedSchema } from './execution.ts'
import { agentIdSchema, executionIdSchema, topicSchema } from './identifiers.ts'
import { errorCodeSchema, failureSchema } from './problem.ts'
import { streamEventSchema } from './stream-event.ts'

/** Last sequence the client has; -1 is "nothing yet". */
const cursorSchema = z.int().min(-1)

/** Clients name a frame to recognise its answer (`response_to`). */
const frameId = z.string().min(1).max(128).optional()

const target = z.strictObject({ channel: channelSchema.optional(), topic: topicSchema.optional() })

const subscribePayload = target
  .extend({
    after: cursorSchema.optional(),
    /** Takes packed events (`from`): the text so far comes as one event, and so does what piled up. */
    snapshot: z.boolean().optional(),
  })
  .refine((payload) => (payload.channel === undefined) !== (payload.topic === undefined), 'give either "channel" or "topic"')

const unsubscribePayload = target.refine(
  (payload) => (payload.channel === undefined) !== (payload.topic === undefined),
  'give either "channel" or "topic"',
)

const requestOptions = {
  /** A request with a known key answers the execution that the first one made. */
  idempotencyKey: z.string().min(1).max(256).optional(),
  /** Follow the execution's channel on this connection; true when absent. */
  subscribe: z.boolean().optional(),
}

/** A question in few words. Without `agentId` it goes to the agent of the connection, or to the one that knows the `task_type`. */
const querySchema = z.strictObject({
  query: z.string().min(1),
  task_type: z.string().min(1).max(128).optional(),
  parameters: z.record(z.string(), z.json()).optional(),
  agentId: agentIdSchema.optional(),
})

/** Client → server. */
export const clientFrameSchema = z.discriminatedUnion('message_type', [
  z.strictObject({ message_type: z.literal('subscribe'), id: frameId, payload: subscribePayload }),
  z.strictObject({ message_type: z.literal('unsubscribe'), id: frameId, payload: unsubscribePayload }),
  z.strictObject({
    message_type: z.literal('agent_request'),
    id: frameId,
    payload: z.union([createExecutionSchema.extend(requestOptions), querySchema.extend(requestOptions)]),
  }),
  z.strictObject({
    message_type: z.literal('authenticate'),
    id: frameId,
    /** A ticket, or `token`: an access token or an API key. One of the same subject and tenant prolongs the connection. */
    payload: z
      .strictObject({ ticket: z.string().min(1).max(256).optional(), token: z.string().min(1).max(8_192).optional() })
      .refine(({ ticket, token }) => (ticket === undefined) !== (token === undefined), 'give either "ticket" or "token"'),
  }),
  z.strictObject({
    message_type: z.literal('cancel'),
    id: frameId,
    payload: z.strictObject({ executionId: executionIdSchema }),
  }),
  z.strictObject({
    message_type: z.literal('approval_decision'),
    id: frameId,
    /** Decides on a call of a tool. */
    payload: decideApprovalSchema.extend({ approvalId: z.uuid() }),
  }),
  z.strictObject({ message_type: z.literal('ping'), id: frameId, payload: z.looseObject({}).optional() }),
])

const subscriptionPayload = z.object({ channel: z.string(), subscription: z.string() })

/** Server → client. */
export const serverFrameSchema = z.discriminatedUnion('message_type', [
  z.object({
    message_type: z.literal('connection_established'),
    payload: z.object({ connectionId: z.string(), protocol: z.string(), time: z.string() }),
  }),
  z.object({
    message_type: z.literal('subscription_confirmed'),
    response_to: frameId,
    payload: subscriptionPayload.extend({
      after: cursorSchema,
      /** For a topic: its name, and about how many connections follow it, this one included. */
      topic: z.string().optional(),
      subscriber_count: z.int().positive().optional(),
    }),
  }),
  z.object({
    message_type: z.literal('unsubscription_confirmed'),
    response_to: frameId,
    payload: z.object({ channel: z.string() }),
  }),
  z.object({ message_type: z.literal('agent_request_accepted'), response_to: frameId, payload: executionAcceptedSchema }),
  z.object({
    message_type: z.literal('cancel_accepted'),
    response_to: frameId,
    payload: z.object({ executionId: z.string(), status: z.enum(EXECUTION_STATUSES) }),
  }),
  z.object({ message_type: z.literal('approval_decided'), response_to: frameId, payload: approvalSchema }),
  z.object({
    message_type: z.literal('realtime_event'),
    payload: subscriptionPayload.extend({ events: z.array(streamEventSchema).min(1) }),
  }),
  z.object({
    message_type: z.literal('agent_response'),
    response_to: frameId,
    payload: z.object({
      executionId: z.string(),
      agentId: z.string(),
      status: z.enum(['completed', 'failed', 'timed_out', 'cancelled']),
      output: z.object({ text: z.string() }).optional(),
      error: failureSchema.optional(),
      events: z.int().positive(),
      sha256: z.string(),
    }),
  }),
  z.object({
    message_type: z.literal('authenticated'),
    response_to: frameId,
    payload: z.object({ connectionId: z.string(), expiresAt: z.string() }),
  }),
  /** A message for all connections of the tenant; it has no cursor and is not repeated. */
  z.object({ message_type: z.literal('broadcast'), payload: z.object({ data: z.json(), source: z.string(), time: z.string() }) }),
  /** Without a time where no function answered, see `keep-alive.ts`. */
  z.object({ message_type: z.literal('pong'), response_to: frameId, payload: z.object({ time: z.string().optional() }) }),
  z.object({
    message_type: z.literal('error'),
    response_to: frameId,
    /** `retryAfter`: the shortest useful pause, in seconds, where there is one. */
    payload: z.object({
      code: errorCodeSchema,
      detail: z.string(),
      retryable: z.boolean(),
      retryAfter: z.number().optional(),
    }),
  }),
])

export type AgentQuery = z.infer<typeof querySchema>
export type ClientFrame = z.infer<typeof clientFrameSchema>
export type ServerFrame = z.infer<typeof serverFrameSchema>
export type RealtimeEventFrame = Extract<ServerFrame, { message_type: 'realtime_event' }>
