import { flatEvent, flatFrame, graphqlName, type StreamOutcome } from '#shared/protocol/flat-event.ts'
import { MAX_FRAME_BYTES } from '#shared/protocol/limits.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { byReference } from './by-reference.ts'
import type { ChannelRef } from './channel-ref.ts'
import type { OutcomeReader } from './stream-outcome.ts'
import type { SubscriptionView } from './subscription-view.ts'

/** Writes one event. */
type Encode = (event: StreamEvent, outcome?: StreamOutcome) => string

/**
 * The frame of one event in a view. Where it would be too large, a message leaves its data where it can be read, and `completed` the
 * answer, which the client has in pieces.
 */
export async function viewFrame(
  ref: ChannelRef,
  view: SubscriptionView,
  event: StreamEvent,
  readOutcome: OutcomeReader,
): Promise<string> {
  const encode: Encode = view.kind === 'flat' ? flatText : (event, outcome) => graphqlText(view, event, outcome)
  const outcome = event.type === 'completed' && showsOutcome(view) ? await readOutcome() : undefined
  const whole = encode(event, outcome)
  if (Buffer.byteLength(whole) <= MAX_FRAME_BYTES) return whole
  return event.type === 'message' ? encode(byReference(event, ref)) : encode(event, { usage: outcome?.usage })
}

/** To know it, the log is read. */
const showsOutcome = (view: SubscriptionView): boolean =>
  view.kind === 'flat' || view.fields.some(([, field]) => field === 'finalResponse' || field === 'usage')

const flatText: Encode = (event, outcome) => JSON.stringify(flatFrame(event, outcome))

/** A `next` message of `graphql-transport-ws`: the selected fields of the flat event, null where one does not apply. */
function graphqlText(
  { id, key, fields }: Extract<SubscriptionView, { kind: 'graphql' }>,
  event: StreamEvent,
  outcome: StreamOutcome | undefined,
): string {
  const flat = Object.entries(flatEvent(event, outcome))
  const values = new Map<string, unknown>(flat.map(([name, value]) => [graphqlName(name), value]))
  values.set('__typename', typeName(event))
  const selected = fields.map(([name, field]) => [name, values.get(field) ?? null])
  return JSON.stringify({ id, type: 'next', payload: { data: { [key]: Object.fromEntries(selected) } } })
}

/** As the schema calls it. */
function typeName(event: StreamEvent): string {
  if (event.type === 'message') return 'TopicMessage'
  return event.type === 'lifecycle' ? 'Fact' : 'ExecutionEvent'
}
