import type { ExecutionResult } from '../web/client/index.ts'
import type { CliContext } from './context.ts'
import { errorLine } from './describe-error.ts'
import { EXIT_CODE } from './exit-code.ts'

/** Says how a verified execution ended, unless it simply completed; gives the exit code. */
export function finishExecution({ status, error, executionId }: ExecutionResult, { stderr }: CliContext): number {
  if (status === 'completed') return EXIT_CODE.ok
  const { code, detail } = error ?? { code: status, detail: `the execution is ${status}` }
  stderr.line(stderr.style('red', errorLine(code, detail, `execution ${executionId} ${status}`)))
  return EXIT_CODE.failed
}

/** The last line of `--json`: what the client verified. */
export function resultLine(result: ExecutionResult): string {
  return JSON.stringify({ type: 'result', ...result })
}
