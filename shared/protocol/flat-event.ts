import * as z from 'zod'
import { type ExecutionEvent, type StreamEvent, type Usage, usageSchema } from './stream-event.ts'

/** Sequence is the cursor, the same on every transport. */
const position = { sequence: z.int().nonnegative(), timestamp: z.string() }

/** Event of an execution with all its fields side by side, for clients that know `eventType` alone. What does not apply is absent. */
export const flatEventSchema = z.object({
  executionId: z.string(),
  /** The event's type: `content_chunk`, `thinking`, `tool_call`, `tool_result`, `completed`, `failed`, … */
  eventType: z.string(),
  ...position,
  attempt: z.int().positive(),
  /** Piece of the answer, or of what the model says to itself. */
  content: z.string().optional(),
  /** What is being done, in a word or two. */
  status: z.string().optional(),
  /** How much of it is done, in percent. */
  progress: z.number().optional(),
  toolName: z.string().optional(),
  arguments: z.json().optional(),
  result: z.json().optional(),
  /** The whole answer, with `completed`; left out when it does not fit a frame. */
  final_response: z.string().optional(),
  usage: usageSchema.optional(),
  /** Why an attempt, or the execution, did not succeed: `code: detail`. */
  error: z.string().optional(),
  /** With `retrying`: the content of every earlier event with a greater sequence is taken back. */
  resumeFrom: z.int().optional(),
})

/** Message of a topic. `data` is null where it is too large for a frame; `dataref` is the path where it can be read then. */
export const flatMessageSchema = z.object({
  topic: z.string(),
  event_type: z.string(),
  source_service: z.string(),
  data: z.json(),
  ...position,
  dataref: z.string().optional(),
})

/** Event of the channels `all` and `agent:<id>`. */
export const flatFactSchema = flatMessageSchema.omit({ topic: true, dataref: true })

/** What clients of the flat view get of a channel: an execution's events as they are, everything else in a frame that says what it is. */
export const flatFrameSchema = z.union([
  z.object({ message_type: z.literal('topic_message'), payload: flatMessageSchema }),
  z.object({ message_type: z.literal('realtime_event'), payload: flatFactSchema }),
  flatEventSchema,
])

export type FlatEvent = z.infer<typeof flatEventSchema>
export type FlatMessage = z.infer<typeof flatMessageSchema>
export type FlatFact = z.infer<typeof flatFactSchema>
export type FlatFrame = z.infer<typeof flatFrameSchema>

/** What an execution came to, for `completed`: the kept text, and the last word on its tokens. */
export type StreamOutcome = { text?: string | undefined; usage?: Usage | undefined }

/** A field's name in GraphQL, whose types have the fields of these schemas: `final_response` is `finalResponse` there. */
export const graphqlName = (field: string): string => field.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

/**
 * Any event of any channel, flat.
 *
 * @param outcome - fills in a `completed` event, which does not have it by itself
 */
export function flatEvent(event: StreamEvent, outcome?: StreamOutcome): FlatEvent | FlatMessage | FlatFact {
  const { sequence } = event
  if (event.type === 'message') {
    const { topic = '', type, source, data, time, dataref } = event.data
    return { topic, event_type: type, source_service: source, data, sequence, timestamp: time, ...(dataref && { dataref }) }
  }
  if (event.type === 'lifecycle') {
    const { type, source, data, time } = event.data
    return { event_type: type, source_service: source, data: data as z.core.util.JSONType, sequence, timestamp: time }
  }
  return flatExecutionEvent(event, outcome)
}

/** An execution's event, flat. */
export function flatExecutionEvent(event: ExecutionEvent, outcome?: StreamOutcome): FlatEvent {
  const { executionId, type: eventType, sequence, time: timestamp, attempt } = event
  return { executionId, eventType, sequence, timestamp, attempt, ...told(event, outcome) }
}

/** {@link flatEvent} as the frame of a socket. */
export function flatFrame(event: StreamEvent, outcome?: StreamOutcome): FlatFrame {
  const flat = flatEvent(event, outcome)
  if ('topic' in flat) return { message_type: 'topic_message', payload: flat }
  if ('event_type' in flat) return { message_type: 'realtime_event', payload: flat }
  return flat
}

type Told = Partial<Omit<FlatEvent, 'executionId' | 'eventType' | 'sequence' | 'timestamp' | 'attempt'>>

/** What stands in `data`, by the names of the flat event. */
function told(event: ExecutionEvent, outcome: StreamOutcome | undefined): Told {
  switch (event.type) {
    case 'content_chunk':
      return { content: event.data.text }
    case 'thinking': {
      const { text, status = 'thinking', progress } = event.data
      return { content: text, status, ...(progress !== undefined && { progress }) }
    }
    case 'tool_call':
      return { toolName: event.data.toolName, arguments: event.data.arguments }
    case 'tool_result':
      return { toolName: event.data.toolName, result: event.data.result }
    case 'usage':
      return { usage: event.data }
    case 'completed':
      return {
        ...(outcome?.text !== undefined && { final_response: outcome.text }),
        ...(outcome?.usage && { usage: outcome.usage }),
      }
    case 'retrying':
      return { error: reason(event.data), resumeFrom: event.data.resumeFrom }
    case 'failed':
    case 'timed_out':
    case 'cancelled':
      return { error: reason(event.data) }
    default:
      return {}
  }
}

const reason = ({ code, detail }: { code: string; detail: string }): string => `${code}: ${detail}`
