import { createContext, Script } from 'node:vm'

const context: { work?: () => unknown } = createContext({})
const script = new Script('work()')

/**
 * Runs something that does not wait, and stops it when it takes too long. Only Node's watchdog can interrupt a regular expression or a
 * recursion that goes astray; nothing else runs in the meantime. The watchdog counts the time of others, too: what has hardly had the
 * processor gets a second chance.
 *
 * @param work - may be run twice
 * @throws whatever `work` throws; an error with the code `ERR_SCRIPT_EXECUTION_TIMEOUT` when the time is up
 */
export function runWithin<Result>(milliseconds: number, work: () => Result): Result {
  context.work = work
  const run = (): Result => script.runInContext(context, { timeout: milliseconds })
  const before = process.threadCpuUsage()
  try {
    return run()
  } catch (error) {
    const { user, system } = process.threadCpuUsage(before)
    if (isTimeUp(error) && (user + system) / 1_000 < milliseconds / 2) return run()
    throw error
  }
}

export const isTimeUp = (error: unknown): boolean =>
  (error as { code?: unknown } | undefined)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
