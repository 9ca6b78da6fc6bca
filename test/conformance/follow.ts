import type { Block, EventStream, StreamRequest } from './event-stream.ts'
import { equal, must } from './rule.ts'
import type { Visit } from './visit.ts'
import { executionEvents } from './whole-stream.ts'

/** Follows an execution with a ticket of its own. */
export const follow = async (visit: Visit, executionId: string, request: StreamRequest = {}) => {
  const headers = { ...(await visit.withTicket()), ...request.headers }
  return visit.stream(`/streams/executions/${executionId}`, { ...request, headers })
}

/** What stands in the `data` of each block. */
export const eventsIn = (blocks: readonly Block[]) => executionEvents(blocks.map(({ data = '' }) => JSON.parse(data)))

/** A refusal before the first byte. */
export function refused(stream: EventStream, status: number, code: string, what: string): void {
  must(stream.contentType.startsWith('application/problem+json'), `${what} is answered with ${stream.contentType}`)
  const body = stream.json()
  equal({ status: stream.status, code: Object(body).code }, { status, code }, what)
}
