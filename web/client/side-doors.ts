import type { ExecutionAccepted } from '#shared/protocol/execution.ts'
import { createDoors, type Doors, pathsOf, withQuery } from './doors.ts'
import { SluiceClientError } from './errors.ts'
import { type EventBatch, type EventSource, openEventStream } from './event-stream.ts'
import { createFallback, type Fallback } from './fallback.ts'
import type { HttpClient } from './http.ts'
import { sha256Hex } from './proof.ts'
import type { Subscription } from './subscription.ts'
import type { Timing } from './timing.ts'

export type FallbackTransport = 'sse' | 'poll'

/** Ways besides the socket. Few need them, so they are loaded apart, and before they are needed: see `client.ts`. */
export interface SideDoors extends Pick<Doors, 'readAll' | 'readPatiently'> {
  /** Runs an execution in the answer itself. */
  runDirectly(body: unknown, idempotencyKey: string, signal?: AbortSignal): Promise<DirectRun>
  /** @param onTransport - which transport brings events now */
  createFallback(subscription: Subscription, onTransport: (transport: FallbackTransport | undefined) => void): Fallback
}

export interface DirectRun {
  executionId: string
  /** The rest of the answer. */
  events: EventSource
  /** Reads no more of it; the execution goes on. */
  leave(): void
}

export interface SideDoorOptions {
  http: HttpClient
  ticket(signal: AbortSignal): Promise<string>
  /** What stands in for the socket, in the order in which they are tried. */
  transports: readonly FallbackTransport[]
  timing: Timing
}

export function createSideDoors({ http, ticket, transports, timing }: SideDoorOptions): SideDoors {
  const doors = createDoors(http, timing)

  async function* openStream(channel: string, after: number, packed: boolean, signal: AbortSignal): AsyncGenerator<EventBatch> {
    const headers = { 'x-sluice-ticket': await ticket(signal) }
    const path = withQuery(pathsOf(channel).stream, `after=${after}${packed ? '&snapshot=true' : ''}`)
    yield* openEventStream(http, path, { headers, tokenHeader: false, signal }, timing.silenceMs)
  }

  return {
    readAll: doors.readAll,
    readPatiently: doors.readPatiently,
    async runDirectly(body, idempotencyKey, signal) {
      const leaving = new AbortController()
      // CloudFront signs requests to the function with the hash of the body, which it leaves to the caller.
      const headers = { 'x-amz-content-sha256': await sha256Hex(JSON.stringify(body)) }
      const call = {
        method: 'POST',
        body,
        idempotencyKey,
        headers,
        tokenHeader: 'x-sluice-authorization',
        signal: signal ? AbortSignal.any([signal, leaving.signal]) : leaving.signal,
      } as const
      const batches = openEventStream(http, '/streams/executions', call, timing.silenceMs)
      const first = await untilAccepted(batches)
      return {
        executionId: first.accepted.executionId,
        async *events(until) {
          until.addEventListener('abort', () => leaving.abort())
          yield first
          yield* batches
        },
        leave: () => leaving.abort(),
      }
    },
    createFallback: (subscription, onTransport) =>
      createFallback({ transports, doors, openStream, subscription, timing, onTransport }),
  }
}

async function untilAccepted(batches: AsyncIterator<EventBatch>): Promise<EventBatch & { accepted: ExecutionAccepted }> {
  for (;;) {
    const { value, done } = await batches.next()
    if (done) throw new SluiceClientError('network_error', 'the answer ended before it began', { retryable: true })
    if (value.accepted) return { ...value, accepted: value.accepted }
  }
}
