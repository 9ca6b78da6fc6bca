import type { FailedAttempts } from './failed-attempts.ts'

/** Counts of one process, for tests. */
export function memoryFailedAttempts(): FailedAttempts {
  const counts = new Map<string, number>()
  return {
    async add(address, minute) {
      const name = JSON.stringify([address, minute])
      const count = (counts.get(name) ?? 0) + 1
      counts.set(name, count)
      return count
    },
  }
}
