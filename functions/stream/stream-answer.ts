import type { Writable } from 'node:stream'
import type { Context } from 'aws-lambda'
import type { ExecutionStore } from '#shared/executions/execution-store.ts'
import type { Clock } from '#shared/platform/clock.ts'
import type { SluiceError } from '#shared/platform/errors.ts'
import { parseChannel } from '#shared/protocol/channel.ts'
import type { ChannelRef } from '#shared/streams/channel-ref.ts'
import { type EventWriter, eventWriter } from './event-writer.ts'
import type { EventView } from './stream-request.ts'
import type { ResponseHead, StartResponse } from './streaming-handler.ts'

/** How long before the function's own end an answer is ended in order, in milliseconds. The client comes back with its cursor. */
const MARGIN_MS = 5_000

const EVENT_STREAM = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  'x-content-type-options': 'nosniff',
}

export type AnswerDependencies = {
  startResponse: StartResponse
  executions: Pick<ExecutionStore, 'get'>
  clock: Clock
}

/** Who writes an answer that has begun. */
export type AnswerWriter = {
  /** The last words of an answer that cannot be brought to its end. */
  breakOff(error: SluiceError): void
  close(): void
}

/** One answer: refused as a whole, or begun as a stream of events. */
export type StreamAnswer = {
  /** Aborts when the caller has gone away. Lambda tells that of no caller; the time of an answer is bounded for that reason. */
  gone: AbortSignal
  /** Milliseconds until the platform ends the invocation. */
  remainingMs(): number
  /** An answer that is no stream. @throws RangeError when a stream has begun */
  respond(head: ResponseHead, body?: string): void
  /**
   * Aborts when the caller has gone, its right ends, or the invocation is about to.
   *
   * @param until - when the caller's right ends, in milliseconds since the epoch
   */
  signalUntil(until: number): AbortSignal
  /** Begins a stream of Server-Sent Events, however it is written. */
  start<Writer extends AnswerWriter>(make: (body: Writable) => Writer, headers?: Record<string, string>): Writer
  /** Begins a stream of our own events. `signal` is that of {@link signalUntil}. */
  begin(stream: { ref: ChannelRef; after: number; until: number; view: EventView }): { writer: EventWriter; signal: AbortSignal }
  /** The writer of the stream that has begun. */
  begun(): AnswerWriter | undefined
  end(): void
}

export function streamAnswer(
  { startResponse, executions, clock }: AnswerDependencies,
  response: Writable,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): StreamAnswer {
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  response.on('error', () => gone.abort())
  const remainingMs = (): number => context.getRemainingTimeInMillis()
  let writer: AnswerWriter | undefined

  function signalUntil(until: number): AbortSignal {
    const milliseconds = Math.min(remainingMs() - MARGIN_MS, until - clock.now())
    return AbortSignal.any([gone.signal, AbortSignal.timeout(Math.max(0, milliseconds))])
  }

  function start<Writer extends AnswerWriter>(make: (body: Writable) => Writer, headers?: Record<string, string>): Writer {
    const made = make(startResponse(response, { statusCode: 200, headers: { ...EVENT_STREAM, ...headers } }))
    writer = made
    return made
  }

  return {
    gone: gone.signal,
    remainingMs,
    signalUntil,
    start,
    respond(head, text = '') {
      if (writer) throw new RangeError('the answer has begun')
      const body = startResponse(response, head)
      // Without a write there is no head.
      body.write(text)
      body.end()
    },
    begin({ ref, after, until, view }) {
      const { tenant, channel } = ref
      const signal = signalUntil(until)
      const outcome = async () => {
        const record = await executions.get({ tenant, executionId: parseChannel(channel).id })
        return record?.output && { text: record.output.text, usage: record.usage }
      }
      const events = start((body) => eventWriter(body, { view, after, signal, outcome }))
      events.open()
      return { writer: events, signal }
    },
    begun: () => writer,
    end() {
      if (writer) writer.close()
      else if (!response.writableEnded) response.end()
    },
  }
}
