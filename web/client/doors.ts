import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import type { Ticket } from '#shared/protocol/ticket.ts'
import type { HttpClient } from './http.ts'

/** Page of a channel's log. */
export interface Page {
  events: readonly StreamEvent[]
  /** Cursor to pass as `after` for the next page. */
  next: number
  /** Of an execution: nothing comes behind these. */
  complete?: boolean
}

/** Where the events of a channel can be read besides the socket, and what opens it. */
export interface Doors {
  ticket(signal: AbortSignal): Promise<string>
  readPage(channel: string, after: number, signal?: AbortSignal): Promise<Page>
  /** All pages behind a cursor that there are by now. */
  readAll(channel: string, after: number, signal?: AbortSignal): AsyncGenerator<readonly StreamEvent[]>
}

export function createDoors(http: HttpClient): Doors {
  const readPage = (channel: string, after: number, signal?: AbortSignal): Promise<Page> =>
    http(withQuery(pathsOf(channel).log, `after=${after}`), { signal })

  return {
    ticket: async (signal) => (await http<Ticket>('/v1/tickets', { method: 'POST', signal })).ticket,
    readPage,
    async *readAll(channel, after, signal) {
      for (let cursor = after; ; ) {
        const { events, next, complete } = await readPage(channel, cursor, signal)
        yield events
        if (complete || next <= cursor) return
        cursor = next
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
