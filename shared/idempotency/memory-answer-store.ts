import type { AnswerKey, AnswerStore, KeptAnswer } from './answer-store.ts'

type Entry = { hash: string; busyUntil: number; expiresAt: number; answer?: KeptAnswer }

/** Answers of one process, for tests. */
export function memoryAnswerStore(): AnswerStore {
  const entries = new Map<string, Entry>()
  const nameOf = ({ tenant, subject, operation, key }: AnswerKey): string => JSON.stringify([tenant, subject, operation, key])
  const mine = (key: AnswerKey, fence: number): Entry | undefined => {
    const entry = entries.get(nameOf(key))
    return entry?.busyUntil === fence && entry.answer === undefined ? entry : undefined
  }
  return {
    async begin(key, { hash, now, busyUntil, expiresAt }) {
      const entry = entries.get(nameOf(key))
      if (!entry || entry.expiresAt <= now || (entry.hash === hash && entry.answer === undefined && entry.busyUntil <= now)) {
        entries.set(nameOf(key), { hash, busyUntil, expiresAt })
        return { result: 'begun', fence: busyUntil }
      }
      if (entry.hash !== hash) return { result: 'different' }
      return entry.answer === undefined ? { result: 'busy' } : { result: 'answered', answer: entry.answer }
    },
    async keep(key, fence, answer) {
      const entry = mine(key, fence)
      if (entry) entry.answer = answer
    },
    async drop(key, fence) {
      if (mine(key, fence)) entries.delete(nameOf(key))
    },
  }
}
