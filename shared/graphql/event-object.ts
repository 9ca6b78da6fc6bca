import { flatEvent, graphqlName, type StreamOutcome } from '#shared/protocol/flat-event.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'

/** An event by the names that it has here. */
export const eventObject = (event: StreamEvent, outcome?: StreamOutcome): Record<string, unknown> =>
  Object.fromEntries(Object.entries(flatEvent(event, outcome)).map(([name, value]) => [graphqlName(name), value]))
