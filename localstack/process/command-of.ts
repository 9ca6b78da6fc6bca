import { readFile } from 'node:fs/promises'
import { childEnvironment } from '../environment.ts'
import { PROJECT_ROOT } from '../paths.ts'
import { runCommand } from './run-command.ts'

/** Command line of a process, empty when it cannot be told. Linux knows it without `ps`, which small systems lack. */
export async function commandOf(pid: number): Promise<string> {
  try {
    const words = await readFile(`/proc/${pid}/cmdline`, 'utf8')
    return words.replaceAll('\0', ' ').trim()
  } catch {
    const options = { env: childEnvironment({}), cwd: PROJECT_ROOT, timeoutMs: 5_000 }
    return runCommand('ps', ['-o', 'command=', '-p', String(pid)], options).catch(() => '')
  }
}
