import * as z from 'zod'
import { channelSchema } from '#shared/protocol/channel.ts'
import { envelopeSchema, publishMessageSchema } from '#shared/protocol/envelope.ts'
import {
  createExecutionSchema,
  eventPageSchema,
  executionAcceptedSchema,
  executionListSchema,
  executionSchema,
  factPageSchema,
  topicEventPageSchema,
} from '#shared/protocol/execution.ts'
import { flatEventSchema, flatFrameSchema } from '#shared/protocol/flat-event.ts'
import { healthSchema, readinessSchema } from '#shared/protocol/health.ts'
import { lifecycleEventSchema } from '#shared/protocol/lifecycle-event.ts'
import { problemSchema } from '#shared/protocol/problem.ts'
import { broadcastSchema, connectionStatsSchema, realtimeStatusSchema } from '#shared/protocol/realtime.ts'
import { clientFrameSchema, serverFrameSchema } from '#shared/protocol/socket-frame.ts'
import {
  executionEventSchema,
  factEventSchema,
  streamEventBodySchema,
  streamEventSchema,
  topicEventSchema,
} from '#shared/protocol/stream-event.ts'
import { ticketSchema } from '#shared/protocol/ticket.ts'

type Published = { schema: z.ZodType; title: string }

/** What has a JSON Schema of its own under `docs/protocol`, by the name of its file. */
export const PUBLISHED = {
  'client-frame': { schema: clientFrameSchema, title: 'Frame of a client on the WebSocket' },
  'server-frame': { schema: serverFrameSchema, title: 'Frame of the server on the WebSocket' },
  'stream-event': { schema: streamEventSchema, title: 'Event of a stream' },
  'execution-event': { schema: executionEventSchema, title: 'Event of an execution' },
  'topic-event': { schema: topicEventSchema, title: 'Event of a topic' },
  'fact-event': { schema: factEventSchema, title: 'Event of the channels "all" and "agent:<id>"' },
  'flat-event': { schema: flatEventSchema, title: 'Event of an execution with its fields side by side' },
  'flat-frame': { schema: flatFrameSchema, title: 'What a socket with view=flat tells of a channel' },
  'lifecycle-event': { schema: lifecycleEventSchema, title: 'Lifecycle event, as the bus has it in `detail`' },
  envelope: { schema: envelopeSchema, title: 'Message' },
  'publish-message': { schema: publishMessageSchema, title: 'Body of a request that publishes a message' },
  'create-execution': { schema: createExecutionSchema, title: 'Body of POST /v1/executions and POST /streams/executions' },
  'execution-accepted': { schema: executionAcceptedSchema, title: 'Answer of POST /v1/executions' },
  execution: { schema: executionSchema, title: 'Execution' },
  'execution-page': { schema: executionListSchema, title: 'Page of GET /v1/executions' },
  'event-page': { schema: eventPageSchema, title: 'Page of GET /v1/executions/{executionId}/events' },
  'topic-event-page': { schema: topicEventPageSchema, title: 'Page of GET /v1/topics/{topic}/events' },
  'fact-page': { schema: factPageSchema, title: 'Page of GET /v1/events' },
  ticket: { schema: ticketSchema, title: 'Answer of POST /v1/tickets' },
  'broadcast-request': { schema: broadcastSchema, title: 'Body of POST /realtime/broadcast' },
  'realtime-connections': { schema: connectionStatsSchema, title: 'Answer of GET /realtime/connections' },
  'realtime-status': { schema: realtimeStatusSchema, title: 'Answer of GET /realtime/status' },
  health: { schema: healthSchema, title: 'Answer of GET /health' },
  readiness: { schema: readinessSchema, title: 'Answer of GET /ready' },
  problem: { schema: problemSchema, title: 'Error of every HTTP answer' },
} as const satisfies Record<string, Published>

export type PublishedName = keyof typeof PUBLISHED

/** Frames by their `message_type`; no client's frame is called like a server's. */
export const CLIENT_FRAMES = framesOf(clientFrameSchema.options)
export const SERVER_FRAMES = framesOf(serverFrameSchema.options)

/** Name of a definition, and what its zod schema knows only as a function. */
type Definition = { id: string; pattern?: string; oneOf?: { required: string[] }[] }

/** What becomes a definition of its own wherever it is used. */
export const DEFINITIONS = z.registry<Definition>()

for (const [id, { schema }] of Object.entries(PUBLISHED)) DEFINITIONS.add(schema, { id })
for (const [id, schema] of [...CLIENT_FRAMES, ...SERVER_FRAMES]) DEFINITIONS.add(schema, { id })
for (const schema of streamEventBodySchema.options) DEFINITIONS.add(schema, { id: `${schema.shape.type.value}-body` })
DEFINITIONS.add(channelSchema, {
  id: 'channel',
  pattern: '^(all|(execution|topic|agent|workflow):[A-Za-z0-9][A-Za-z0-9_.-]{0,127})$',
})
for (const frame of clientFrameSchema.options) {
  const { value } = frame.shape.message_type
  if (value === 'subscribe' || value === 'unsubscribe') {
    const oneOf = [{ required: ['channel'] }, { required: ['topic'] }]
    DEFINITIONS.add(frame.shape.payload, { id: `${value}-payload`, oneOf })
  }
  if (value === 'authenticate')
    DEFINITIONS.add(frame.shape.payload, { id: `${value}-payload`, oneOf: [{ required: ['ticket'] }, { required: ['token'] }] })
}

type Frame = z.ZodObject<{ message_type: z.ZodLiteral<string> }>

function framesOf(options: readonly Frame[]): ReadonlyMap<string, Frame> {
  return new Map(options.map((frame) => [frame.shape.message_type.value, frame]))
}
