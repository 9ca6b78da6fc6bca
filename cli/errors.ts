import { constants } from 'node:os'
import { EXIT_CODE } from './exit-code.ts'

export interface CliErrorOptions {
  exitCode?: number
  cause?: unknown
}

/** A failure its reader can do something about: a stable code, what happened, and what to do. */
export class CliError extends Error {
  override readonly name: string = 'CliError'
  readonly code: string
  readonly advice: string
  readonly exitCode: number

  constructor(code: string, message: string, advice: string, { exitCode = EXIT_CODE.failed, cause }: CliErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.advice = advice
    this.exitCode = exitCode
  }
}

/** The command line makes no sense. */
export class UsageError extends CliError {
  override readonly name = 'UsageError'

  constructor(message: string, advice: string) {
    super('usage', message, advice, { exitCode: EXIT_CODE.usage })
  }
}

/** Somebody wants the command to end: Ctrl-C, or the reader of its output left. Nothing went wrong. */
export class Interruption extends Error {
  override readonly name = 'Interruption'
  readonly exitCode: number

  constructor(signal: 'SIGINT' | 'SIGTERM' | 'SIGPIPE') {
    super(`ended by ${signal}`)
    this.exitCode = 128 + constants.signals[signal]
  }
}
