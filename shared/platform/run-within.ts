import { createContext, Script } from 'node:vm'

const context: { work?: () => unknown } = createContext({})
const script = new Script('work()')

/**
 * Runs something that does not wait, and stops it when it takes too long. Only Node's watchdog can interrupt a regular expression or a
 * recursion that goes astray; nothing else runs in the meantime.
 *
 * @throws whatever `work` throws; an error with the code `ERR_SCRIPT_EXECUTION_TIMEOUT` when the time is up
 */
export function runWithin<Result>(milliseconds: number, work: () => Result): Result {
  context.work = work
  return script.runInContext(context, { timeout: milliseconds })
}

export const isTimeUp = (error: unknown): boolean =>
  (error as { code?: unknown } | undefined)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
