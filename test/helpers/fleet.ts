import { retryDelay, retryPolicyOf } from '#shared/executions/retry-policy.ts'
import { toSluiceError } from '#shared/platform/errors.ts'
import type { ErrorCode } from '#shared/protocol/error-codes.ts'
import type { Random } from '../../bench/random.ts'
import type { SimulatedTime } from './simulated-time.ts'

export type FleetOptions = {
  time: SimulatedTime
  random: Random
  executions: number
  /** What an attempt of an execution is, in each of the containers, which have one execution at a time. */
  attempts: Attempt[]
  /** When an execution is asked for, in milliseconds from the beginning. @default all at once */
  arrival?: (execution: number) => number
}

type Attempt = (execution: number) => Promise<void>

export type FleetResult = {
  completed: number
  /** Why executions failed, by their last error. */
  failed: Partial<Record<ErrorCode, number>>
  /** How many executions took so many attempts, from 1 on. */
  attempts: number[]
  seconds: number
}

/** Pauses that a worker waits for itself are shorter; a message is delayed by whole seconds. */
const LONGEST_WAIT_MS = 5_000
const LOOK_EVERY_MS = 200

/** Executions in many containers at once, with the pauses that the default policy has between their attempts. */
export async function runFleet({ time, random, executions, attempts, arrival = () => 0 }: FleetOptions): Promise<FleetResult> {
  const policy = retryPolicyOf({}, undefined)
  const began = time.now()
  const queue = Array.from({ length: executions }, (_, execution) => ({ execution, number: 1, at: began + arrival(execution) }))
  const result: FleetResult = {
    completed: 0,
    failed: {},
    attempts: Array.from({ length: policy.maxAttempts }, () => 0),
    seconds: 0,
  }
  let left = executions

  function end(number: number, code?: ErrorCode): void {
    left--
    result.attempts[number - 1] = (result.attempts[number - 1] ?? 0) + 1
    if (code === undefined) result.completed++
    else result.failed[code] = (result.failed[code] ?? 0) + 1
  }

  async function work(attempt: Attempt, { execution, number }: { execution: number; number: number }): Promise<void> {
    for (let now = number; ; now++) {
      try {
        await attempt(execution)
        return end(now)
      } catch (thrown) {
        const error = toSluiceError(thrown)
        const delayMs = retryDelay(error, now, policy, random.next)
        if (delayMs === undefined) return end(now, error.code)
        if (delayMs > LONGEST_WAIT_MS) {
          queue.push({ execution, number: now + 1, at: time.now() + Math.ceil(delayMs / 1_000) * 1_000 })
          return
        }
        await time.sleep(delayMs)
      }
    }
  }

  async function run(attempt: Attempt): Promise<void> {
    while (left > 0) {
      const next = queue.findIndex(({ at }) => at <= time.now())
      const [item] = next === -1 ? [] : queue.splice(next, 1)
      if (item) await work(attempt, item)
      else await time.sleep(LOOK_EVERY_MS)
    }
  }

  await time.run(Promise.all(attempts.map(run)))
  return { ...result, seconds: Math.round((time.now() - began) / 1_000) }
}
