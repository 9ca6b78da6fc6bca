import type { DeadLetters, StoredLetter } from './dead-letters.ts'

const BATCH_SIZE = 10

/** Dead-letter queues in memory, for tests: letters that were received are hidden until they are shown again. */
export function memoryDeadLetters(letters: readonly StoredLetter[] = [], queues: readonly string[] = ['ingress', 'work']) {
  const stored = new Map(letters.map((letter) => [letter.id, letter]))
  const hidden = new Set<string>()
  const sentBack: StoredLetter[] = []
  const deadLetters: DeadLetters = {
    queues,
    async receive(queue) {
      const visible = [...stored.values()].filter((letter) => letter.queue === queue && !hidden.has(letter.id))
      const batch = visible.slice(0, BATCH_SIZE)
      for (const { id } of batch) hidden.add(id)
      return batch
    },
    async release(released) {
      for (const { id } of released) hidden.delete(id)
    },
    async sendBack(letter) {
      sentBack.push(letter)
    },
    async remove({ id }) {
      stored.delete(id)
    },
  }
  return { ...deadLetters, stored, hidden, sentBack }
}
