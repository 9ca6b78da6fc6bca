import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { delimiter, resolve } from 'node:path'

export type RunResult = { code: number; output: string; seconds: number }

const PATH = [resolve(import.meta.dirname, '../node_modules/.bin'), process.env.PATH].join(delimiter)

const running = new Set<ChildProcess>()
/** Somebody stopped us: nobody who waits for a command goes on to the next one. */
let stopping = false

/** Whoever stops us stops the commands as well: they have servers of their own to stop. Ctrl-C reaches them by itself. */
async function endWithCommands(code: number, signal?: 'SIGTERM'): Promise<void> {
  stopping = true
  const children = [...running]
  if (signal) for (const child of children) child.kill(signal)
  await Promise.all(children.map((child) => once(child, 'close')))
  process.exit(code)
}

const onTerminate = (): void => void endWithCommands(143, 'SIGTERM')
const onInterrupt = (): void => void endWithCommands(130)

/** Signals are ours while a command runs, and whoever else's they are before and after it. */
function began(child: ChildProcess): void {
  if (running.size === 0) process.once('SIGTERM', onTerminate).once('SIGINT', onInterrupt)
  running.add(child)
}

function ended(child: ChildProcess): void {
  running.delete(child)
  if (running.size === 0) process.off('SIGTERM', onTerminate).off('SIGINT', onInterrupt)
}

/**
 * Runs a command of this project or of the machine and waits for its end; what it prints is shown, or kept for the caller.
 *
 * @param options.limitSeconds - after this time the command is stopped and counts as failed
 */
export function run(
  command: string,
  args: string[],
  options: { show?: boolean; limitSeconds?: number; env?: Record<string, string> } = {},
): Promise<RunResult> {
  const { show = false, limitSeconds = 600, env = {} } = options
  const start = performance.now()
  const child = spawn(command, args, {
    env: { ...process.env, PATH, ...env },
    stdio: show ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
  })
  const chunks: Buffer[] = []
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk))

  began(child)
  const limit = setTimeout(() => child.kill('SIGTERM'), limitSeconds * 1_000)

  return new Promise((resolve) => {
    const end = (code: number, problem = '') => {
      clearTimeout(limit)
      if (stopping) return
      ended(child)
      if (show && problem) console.error(problem)
      resolve({ code, output: Buffer.concat(chunks).toString() + problem, seconds: (performance.now() - start) / 1_000 })
    }
    child.on('error', (error) => end(1, `${command}: ${error.message}`))
    child.on('close', (code, signal) =>
      end(code ?? 1, signal ? `${command}: stopped by ${signal}; the limit is ${limitSeconds} s` : ''),
    )
  })
}
