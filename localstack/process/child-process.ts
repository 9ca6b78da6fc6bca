import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { sleep } from '#shared/platform/clock.ts'

export type ChildProcessOptions = {
  command: string
  args: string[]
  env: NodeJS.ProcessEnv
  cwd: string
  /** Receives both outputs; written anew. */
  logFile: string
}

/** A running process that leads its own group, so that Ctrl-C in the terminal does not reach it before us. */
export type ChildProcess = {
  pid: number
  /** Settles when it has ended. */
  exited: Promise<void>
  isRunning(): boolean
  /** Asks it to end, waits, then ends whatever is left of its group. */
  stop(graceMs?: number): Promise<void>
}

/** @throws Error when the command cannot be started */
export async function startChildProcess(options: ChildProcessOptions): Promise<ChildProcess> {
  await mkdir(dirname(options.logFile), { recursive: true })
  const log = await open(options.logFile, 'w')
  const child = spawn(options.command, options.args, {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  })
  try {
    await once(child, 'spawn')
  } finally {
    await log.close()
  }
  const pid = child.pid
  if (pid === undefined) throw new Error(`${options.command} has no process id`)
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
  })
  return {
    pid,
    exited,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    stop: (graceMs) => stopProcessGroup(pid, graceMs),
  }
}

/**
 * Ends a process that leads its group: a polite signal to the leader, which takes care of its own children, then the hard one to
 * what is left of the group.
 */
export async function stopProcessGroup(leader: number, graceMs = 10_000): Promise<void> {
  signalProcess(leader, 'SIGTERM')
  const deadline = Date.now() + graceMs
  while (signalProcess(leader, 0) && Date.now() < deadline) await sleep(50)
  signalProcess(-leader, 'SIGKILL')
}

/** @returns whether there was such a process */
export function signalProcess(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}
