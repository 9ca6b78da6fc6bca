import { spawn } from 'node:child_process'

export type RunResult = { code: number; output: string; seconds: number }

/**
 * Runs a command and waits for its end; what it prints is shown, or kept for the caller.
 *
 * @param options.limitSeconds - after this time the command is stopped and counts as failed
 */
export function run(
  command: string,
  args: string[],
  options: { show?: boolean; limitSeconds?: number; env?: Record<string, string> } = {},
): Promise<RunResult> {
  const { show = false, limitSeconds = 600, env = {} } = options
  const began = performance.now()
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: show ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
    timeout: limitSeconds * 1_000,
  })
  const chunks: Buffer[] = []
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk))

  // Whoever stops us stops the command as well: it has servers of its own to stop.
  const onTerminate = () => {
    child.once('close', () => process.exit(143))
    child.kill('SIGTERM')
  }
  process.once('SIGTERM', onTerminate)

  return new Promise((resolve) => {
    const end = (code: number, more = '') => {
      process.off('SIGTERM', onTerminate)
      const output = Buffer.concat(chunks).toString() + more
      resolve({ code, output, seconds: (performance.now() - began) / 1_000 })
    }
    child.on('error', (error) => end(1, error.message))
    child.on('close', (code, signal) => end(code ?? 1, signal ? `\nstopped by ${signal}; the limit is ${limitSeconds} s\n` : ''))
  })
}
