import { type Clock, timestamp } from '#shared/platform/clock.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { retry } from '#shared/platform/retry.ts'
import { MAX_ANSWER_BYTES, MAX_CHUNK_LENGTH } from '#shared/protocol/limits.ts'
import type { ExecutionEvent, StreamEventBody } from '#shared/protocol/stream-event.ts'
import type { ChannelRef } from './channel-ref.ts'
import type { ChannelSender } from './channel-sender.ts'
import { flushWindow } from './flush-window.ts'
import { MAX_EVENTS_PER_ENTRY, type StreamLog } from './stream-log.ts'
import { StreamLostError } from './stream-lost-error.ts'
import { StreamText } from './stream-text.ts'

export type StreamWriterDependencies = { log: StreamLog; sender: ChannelSender; clock: Clock }

export type StreamWriterOptions = {
  ref: ChannelRef
  executionId: string
  agentId: string
  attempt: number
  /** A reader in the writer's own process. */
  tap?: StreamTap | undefined
}

/** Hears of everything a writer does, at once. Its methods neither wait nor throw: nothing that reads may slow a writer. */
export type StreamTap = {
  /** Text of the answer, which stands in no event yet. */
  gathered(text: string): void
  /** These events stand in the log now, and with them the text that was gathered first. */
  appended(events: readonly ExecutionEvent[]): void
}

/** Where a writer begins. */
export type Opening = {
  /** Sequence of its first event. */
  sequence: number
  /** What it begins with. Absent when it goes on in the middle, where the writer before left off on purpose. */
  body?: StreamEventBody | undefined
  /** Text of the events before, as far as it is kept. */
  kept?: StreamText | undefined
}

/**
 * The one writer of an execution's stream: numbers events, appends them to the log, and only then has them posted. Text is gathered
 * for a window and leaves as one chunk; everything else leaves at once.
 *
 * Every method throws StreamLostError once another writer has taken over.
 */
export type StreamWriter = {
  /**
   * Writes the first event of this writer; everything else is written behind it, so there is no need to wait. Until it stands, a writer
   * before this one may still append; from then on it collides.
   *
   * @param find - finds the place; asked again when somebody wrote there meanwhile. The same place twice means that the stream is lost
   */
  open(find: () => Promise<Opening>): Promise<void>
  /**
   * Adds text or a thought to the next flush.
   *
   * @throws SluiceError `payload_too_large` when the text that is kept outgrows {@link MAX_ANSWER_BYTES}
   */
  write(body: TextBody): void
  /** Writes what is gathered and then the event. */
  emit(body: StreamEventBody): Promise<void>
  /** Writes what is gathered. Returns the sequence of the last event that stands in the log. */
  flushed(): Promise<number>
  /** Ends the writing where it stands: what is gathered is dropped, and whoever writes on is told so. The stream itself goes on. */
  close(): Promise<void>
  /**
   * Gives out what is still unwritten, `bodies` and the terminal event as numbered events, for the transaction that ends the execution.
   * Whoever writes on is told that the stream has ended.
   */
  takeRest(
    bodies: StreamEventBody[],
    terminal: (proof: { events: number; text: string }) => StreamEventBody,
  ): Promise<ExecutionEvent[]>
  /** The transaction is done: has the last events posted. Throws when the viewers cannot be read: then nobody has the end yet. */
  ended(events: ExecutionEvent[]): Promise<void>
  /** Text that is kept so far, gathered text included. */
  text(): string
  /** Events carry this attempt's number from here. */
  nextAttempt(attempt: number): void
}

type TextBody = Extract<StreamEventBody, { type: 'content_chunk' | 'thinking' }>

/**
 * Window of a writer whose only reader has the text already, by a {@link StreamTap}, in milliseconds: the log is there for whoever comes
 * later, and what a crash would take back is half a second of text.
 */
const TAPPED_WINDOW_MS = 500

/** Tries of one append while the table is out of reach, about 15 s in all. */
const APPEND_RETRIES = { retries: 7, minTimeout: 100, maxTimeout: 5_000, randomize: true }

export function streamWriter({ log, sender, clock }: StreamWriterDependencies, options: StreamWriterOptions): StreamWriter {
  const { ref, executionId, agentId, tap } = options
  let { attempt } = options
  let nextSequence = 0
  let gathered: StreamEventBody[] = []
  let textFlushes = 0
  let lastFlush = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()
  let failure: unknown
  let kept = new StreamText()
  let textBytes = 0

  function number(bodies: StreamEventBody[]): ExecutionEvent[] {
    const time = timestamp(clock)
    return bodies.map((body, index) => ({ ...body, executionId, agentId, attempt, sequence: nextSequence + index, time }))
  }

  const tryAppend = (events: ExecutionEvent[]): Promise<'appended' | 'taken'> =>
    retry(() => log.append(ref, events), APPEND_RETRIES)

  async function append(bodies: StreamEventBody[]): Promise<void> {
    for (let start = 0; start < bodies.length; start += MAX_EVENTS_PER_ENTRY) {
      const events = number(bodies.slice(start, start + MAX_EVENTS_PER_ENTRY))
      if ((await tryAppend(events)) === 'taken') throw new StreamLostError(executionId)
      await appended(events)
    }
  }

  async function appended(events: ExecutionEvent[]): Promise<void> {
    apply(events)
    nextSequence += events.length
    tap?.appended(events)
    // The log has them: a look at the subscribers that fails is made up for by the next one.
    await sender.appended(events).catch(() => undefined)
  }

  function apply(events: ExecutionEvent[]): void {
    for (const event of events) kept.apply(event)
    if (events.some((event) => event.type === 'retrying')) countText()
  }

  function countText(): void {
    textBytes = Buffer.byteLength(kept.text + textOf(gathered))
  }

  /** From here on every write throws. */
  function refuse(reason: SluiceError): void {
    clearTimeout(timer)
    timer = undefined
    failure ??= reason
  }

  /** One write after the other. A write that fails ends them all. */
  function inTurn(write: () => Promise<void>): Promise<void> {
    writing = writing.then(write)
    writing.catch((error: unknown) => {
      failure ??= error
    })
    return writing
  }

  /** What is gathered while one flush runs leaves with the next. */
  function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    lastFlush = clock.now()
    textFlushes += 1
    return inTurn(async () => {
      const bodies = gathered
      gathered = []
      await append(bodies)
    })
  }

  function window(): number {
    const load = sender.load()
    if (tap && load.viewers === 0 && textFlushes > 0) return TAPPED_WINDOW_MS
    return flushWindow({ flushes: textFlushes, ...load })
  }

  function scheduleFlush(): void {
    if (timer) return
    const wait = lastFlush + window() - clock.now()
    // A flush that fails is told by the next write.
    if (wait <= 0) flush().catch(() => undefined)
    else timer = setTimeout(() => void flush().catch(() => undefined), wait)
  }

  return {
    open: (find) =>
      inTurn(async () => {
        for (let taken = -1; ; taken = nextSequence) {
          const opening = await find()
          if (opening.sequence === taken) throw new StreamLostError(executionId)
          nextSequence = opening.sequence
          kept = opening.kept ?? new StreamText()
          countText()
          if (!opening.body) return
          const events = number([opening.body])
          if ((await tryAppend(events)) === 'appended') return appended(events)
        }
      }),
    write(body) {
      if (failure !== undefined) throw failure
      // Tables and sockets take Unicode alone, and an event that cannot be stored would be tried for ever.
      const whole = body.data.text.toWellFormed()
      if (body.type === 'content_chunk') textBytes += Buffer.byteLength(whole)
      if (textBytes > MAX_ANSWER_BYTES)
        throw new SluiceError('payload_too_large', `the answer is larger than ${MAX_ANSWER_BYTES} bytes`)
      for (const text of cutText(whole)) gathered = gather(gathered, { ...body, data: { text } })
      if (body.type === 'content_chunk') tap?.gathered(whole)
      scheduleFlush()
    },
    async emit(body) {
      if (failure !== undefined) throw failure
      gathered = [...gathered, body]
      await flush()
    },
    async flushed() {
      if (failure !== undefined) throw failure
      await flush()
      return nextSequence - 1
    },
    async close() {
      gathered = []
      refuse(new SluiceError('conflict', 'the execution goes on in another invocation'))
      await writing.catch(() => undefined)
    },
    async takeRest(bodies, terminal) {
      refuse(new SluiceError('conflict', 'the stream has ended'))
      await writing
      if (gathered.length > MAX_EVENTS_PER_ENTRY / 2) await flush()
      const rest = [...gathered, ...bodies]
      return number([...rest, terminal({ events: nextSequence + rest.length + 1, text: kept.text + textOf(gathered) })])
    },
    async ended(events) {
      gathered = []
      apply(events)
      tap?.appended(events)
      await retry(() => sender.appended(events), { retries: 3, minTimeout: 100, randomize: true })
    },
    text: () => kept.text + textOf(gathered),
    nextAttempt(next) {
      attempt = next
    },
  }
}

const textOf = (bodies: StreamEventBody[]): string =>
  bodies.map((body) => (body.type === 'content_chunk' ? body.data.text : '')).join('')

/** Adds an event; adjacent pieces of text of the same kind become one. */
function gather(bodies: StreamEventBody[], body: TextBody): StreamEventBody[] {
  const previous = bodies.at(-1)
  if (previous?.type !== body.type || previous.data.text.length + body.data.text.length > MAX_CHUNK_LENGTH)
    return [...bodies, body]
  return [...bodies.slice(0, -1), { ...body, data: { text: previous.data.text + body.data.text } }]
}

/** Cuts a text into chunks without breaking a surrogate pair. */
function cutText(text: string): string[] {
  const chunks: string[] = []
  for (let start = 0; start < text.length; ) {
    const end = start + MAX_CHUNK_LENGTH
    const breaksPair = /[\uD800-\uDBFF]/.test(text.charAt(end - 1)) && end < text.length
    const chunk = text.slice(start, breaksPair ? end - 1 : end)
    chunks.push(chunk)
    start += chunk.length
  }
  return chunks
}
