import type { DeadLetter, DeadLetterFilter, DeadLetterList, SelectDeadLetters } from '#shared/protocol/dead-letter.ts'
import type { CallOptions } from './calls.ts'
import type { HttpCaller } from './http.ts'

export interface DeadLetterQuery extends CallOptions, DeadLetterFilter {
  /** `ingress`, `work` or `agent-<id>`; all queues when absent. */
  queue?: string | undefined
  /** At most 100. */
  limit?: number | undefined
}

export interface DeadLetterCalls {
  /** Messages that could not be handled, the oldest first. */
  deadLetters(query?: DeadLetterQuery): Promise<DeadLetterList>
  /** One of them, all of it. */
  deadLetter(queue: string, id: string, options?: CallOptions): Promise<DeadLetter>
  /** Sends them back to where they failed. */
  redrive(selection: SelectDeadLetters, options?: CallOptions): Promise<{ redriven: number; failed: number; more: boolean }>
  /** Deletes them for good. */
  discard(selection: SelectDeadLetters, options?: CallOptions): Promise<{ discarded: number; failed: number; more: boolean }>
}

const PATH = '/v1/dead-letters'

export function deadLetterCalls(http: HttpCaller): DeadLetterCalls {
  return {
    deadLetters({ signal, ...query } = {}) {
      const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))
      return http(`${PATH}?${new URLSearchParams(given)}`, { signal })
    },
    deadLetter: (queue, id, { signal } = {}) => http(`${PATH}/${[queue, id].map(encodeURIComponent).join('/')}`, { signal }),
    redrive: (body, { signal } = {}) => http(`${PATH}/redrive`, { method: 'POST', body, signal }),
    discard: (body, { signal } = {}) => http(`${PATH}/discard`, { method: 'POST', body, signal }),
  }
}
