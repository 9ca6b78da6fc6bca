import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { promisify } from 'node:util'
import { PROJECT_ROOT } from '../environment.ts'

const execute = promisify(execFile)

const COMMAND_MS = 15_000
const ANSWER_MS = 3_000

/** What a command prints on both outputs (`java -version` uses the second); undefined when it is missing or fails. */
export async function probeCommand(command: string, args: string[], signal: AbortSignal): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await execute(command, args, { cwd: PROJECT_ROOT, signal, timeout: COMMAND_MS })
    return `${stdout}${stderr}`.trim()
  } catch {
    signal.throwIfAborted()
    return undefined
  }
}

/** Whether the local cloud could listen there. */
export async function probePort(port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}

/** Whether something answers HTTP there, whatever it says. */
export async function probeUrl(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]) })
    await response.body?.cancel()
    return true
  } catch {
    signal.throwIfAborted()
    return false
  }
}
