import { randomUUID } from 'node:crypto'
import type { AnswerKey, AnswerStore, KeptAnswer } from './answer-store.ts'

type Entry = { hash: string; fence: string; busyUntil: number; expiresAt: number; answer?: KeptAnswer }

/** Answers of one process, for tests. */
export function memoryAnswerStore(): AnswerStore {
  const entries = new Map<string, Entry>()
  const nameOf = ({ tenant, subject, operation, key }: AnswerKey): string => JSON.stringify([tenant, subject, operation, key])
  const mine = (key: AnswerKey, fence: string): Entry | undefined => {
    const entry = entries.get(nameOf(key))
    return entry?.fence === fence && entry.answer === undefined ? entry : undefined
  }
  return {
    async begin(key, { hash, now, busyUntil, expiresAt }) {
      const entry = entries.get(nameOf(key))
      if (!entry || entry.expiresAt <= now || (entry.hash === hash && entry.answer === undefined && entry.busyUntil <= now)) {
        const fence = randomUUID()
        entries.set(nameOf(key), { hash, fence, busyUntil, expiresAt })
        return { result: 'begun', fence }
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
