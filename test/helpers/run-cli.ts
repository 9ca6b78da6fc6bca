import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

const PROGRAM = join(import.meta.dirname, '../../cli/sluice.ts')

export interface CliRun {
  code: number | null
  stdout: string
  stderr: string
}

export interface CliOptions {
  env?: Record<string, string>
  stdin?: string
}

export interface CliProcess {
  /** Resolves with the first output that holds the text. */
  says(part: string): Promise<void>
  interrupt(): void
  /** Stops reading, as `head` does. */
  stopReading(): void
  end: Promise<CliRun>
}

/** Starts the command as a shell would, with nothing of the caller's own settings. */
export function startCli(args: string[], { env = {}, stdin = '' }: CliOptions = {}): CliProcess {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: { PATH: process.env.PATH, SLUICE_STATE_DIR: '/nowhere', ...env },
    timeout: 120_000,
  })
  // A command that does not read its stdin may be gone before it is written.
  child.stdin.on('error', () => undefined)
  child.stdin.end(stdin)
  let stdout = ''
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
  })
  const end = Promise.all([text(child.stderr), once(child, 'close')]).then(([stderr]) => ({
    code: child.exitCode,
    stdout,
    stderr,
  }))
  return {
    async says(part) {
      while (!stdout.includes(part)) await once(child.stdout, 'data')
    },
    interrupt: () => void child.kill('SIGINT'),
    stopReading: () => void child.stdout.destroy(),
    end,
  }
}

export const runCli = (args: string[], options?: CliOptions): Promise<CliRun> => startCli(args, options).end
