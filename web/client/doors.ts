import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { SluiceClientError } from './errors.ts'
import type { HttpClient } from './http.ts'
import { backoffDelay, pause, type Timing } from './timing.ts'

/** Page of a channel's log. */
export interface Page {
  events: readonly StreamEvent[]
  /** Cursor to pass as `after` for the next page. */
  next: number
  /** Of an execution: nothing comes behind these. */
  complete?: boolean
}

/** Where the events of a channel are read page by page. */
export interface Doors {
  readPage(channel: string, after: number, signal?: AbortSignal): Promise<Page>
  /** All pages behind a cursor that there are by now. */
  readAll(channel: string, after: number, signal?: AbortSignal): AsyncGenerator<readonly StreamEvent[]>
  /** The same, for a reader that has no other way: what fails for a passing reason is asked for again until the signal aborts. */
  readPatiently(channel: string, after: number, signal: AbortSignal): AsyncGenerator<readonly StreamEvent[]>
}

export function createDoors(http: HttpClient, timing: Timing): Doors {
  const readPage = (channel: string, after: number, signal?: AbortSignal): Promise<Page> =>
    http(withQuery(pathsOf(channel).log, `after=${after}`), { signal })

  async function* readAll(channel: string, after: number, signal?: AbortSignal): AsyncGenerator<readonly StreamEvent[]> {
    for (let cursor = after; ; ) {
      const { events, next, complete } = await readPage(channel, cursor, signal)
      yield events
      if (complete || next <= cursor) return
      cursor = next
    }
  }

  return {
    readPage,
    readAll,
    async *readPatiently(channel, after, signal) {
      for (let [cursor, failures] = [after, 0]; ; ) {
        try {
          for await (const events of readAll(channel, cursor, signal)) {
            cursor = events.at(-1)?.sequence ?? cursor
            failures = 0
            yield events
          }
          return
        } catch (error) {
          if (signal.aborted || !(error instanceof SluiceClientError) || !error.retryable) throw error
          failures += 1
          await pause(backoffDelay(failures, timing), signal)
        }
      }
    },
  }
}

export const withQuery = (path: string, query: string): string => `${path}${path.includes('?') ? '&' : '?'}${query}`

/** Paths of the log and of the event stream of a channel. */
export function pathsOf(channel: string): { log: string; stream: string } {
  const [kind, ...rest] = channel.split(':')
  const id = encodeURIComponent(rest.join(':'))
  if (kind === 'execution' || kind === 'topic') return { log: `/v1/${kind}s/${id}/events`, stream: `/streams/${kind}s/${id}` }
  const agent = id === '' ? '' : `?agent=${id}`
  return { log: `/v1/events${agent}`, stream: `/streams/events${agent}` }
}
