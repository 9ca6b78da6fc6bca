import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** Most output that is kept of one command, in bytes. */
const MAX_OUTPUT = 16 * 1024 * 1024

/** A command ended with an error; `output` is the end of what it said. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly output: string

  constructor(command: string, output: string, cause: unknown) {
    super(`${command} failed`, { cause })
    this.output = output
  }
}

export type CommandOptions = {
  env: NodeJS.ProcessEnv
  cwd: string
  signal?: AbortSignal | undefined
  timeoutMs: number
}

/**
 * Runs a command to its end.
 *
 * @returns what it wrote to standard output
 * @throws CommandError
 */
export async function runCommand(command: string, args: string[], options: CommandOptions): Promise<string> {
  const { env, cwd, signal, timeoutMs } = options
  try {
    const { stdout } = await execute(command, args, { env, cwd, signal, timeout: timeoutMs, maxBuffer: MAX_OUTPUT })
    return stdout
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as { stdout?: string; stderr?: string; message: string }
    throw new CommandError([command, ...args].join(' '), lastLines(stderr.trim() || stdout.trim() || message), error)
  }
}

const lastLines = (text: string): string => text.split('\n').slice(-12).join('\n')
