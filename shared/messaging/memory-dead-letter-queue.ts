import type { DeadLetterQueue } from './dead-letter-queue.ts'

export type DeadLetter = { body: string; code: string; detail: string }

/** A queue that keeps its dead letters, for tests. */
export function memoryDeadLetterQueue(): DeadLetterQueue & { readonly sent: DeadLetter[] } {
  const sent: DeadLetter[] = []
  return {
    sent,
    async send(body, { code, detail }) {
      sent.push({ body, code, detail })
    },
  }
}
