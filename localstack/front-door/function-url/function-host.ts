import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LocalCloudError } from '../../local-cloud-error.ts'

/** Longest time to load a function. */
const START_TIMEOUT_MS = 60_000

export type FunctionHostOptions = {
  /** Bundle that exports `handler`. */
  file: string
  functionName: string
  /** The deployed function's timeout, after which an answer is cut. */
  timeoutSeconds: number
  /** The whole environment of the process. */
  env: NodeJS.ProcessEnv
  logFile: string
}

export type FunctionHost = { url: string; stop(): Promise<void> }

/**
 * Runs a streaming function in a process of its own.
 *
 * @throws LocalCloudError when it does not come up
 */
export async function startFunctionHost(options: FunctionHostOptions): Promise<FunctionHost> {
  const { file, functionName, timeoutSeconds, env, logFile } = options
  await mkdir(dirname(logFile), { recursive: true })
  const log = await open(logFile, 'w')
  const child = fork(join(import.meta.dirname, 'main.ts'), [file, functionName, String(timeoutSeconds)], {
    env,
    execArgv: [],
    detached: true,
    stdio: ['ignore', log.fd, log.fd, 'ipc'],
  })
  await log.close()
  const port = await listeningPort(child).catch(() => undefined)
  if (port === undefined) {
    await stop(child)
    throw new LocalCloudError(`the function ${functionName} could not be loaded`, `its log says why: ${logFile}`)
  }
  return { url: `http://127.0.0.1:${port}`, stop: () => stop(child) }
}

async function listeningPort(child: ChildProcess): Promise<number | undefined> {
  const signal = AbortSignal.timeout(START_TIMEOUT_MS)
  const [message] = await Promise.race([
    once(child, 'message', { signal }),
    once(child, 'exit', { signal }).then(() => [undefined]),
  ])
  return (message as { port: number } | undefined)?.port
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}
