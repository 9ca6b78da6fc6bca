import type { DeadLetterQueue, RefusedRecord } from './dead-letter-queue.ts'

export type DeadLetter = { record: RefusedRecord; code: string; detail: string }

/** A queue that keeps its dead letters, for tests. */
export function memoryDeadLetterQueue(): DeadLetterQueue & { readonly sent: DeadLetter[] } {
  const sent: DeadLetter[] = []
  return {
    sent,
    async send(record, { code, detail }) {
      sent.push({ record, code, detail })
    },
  }
}
