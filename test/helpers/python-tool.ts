import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findPython } from '../../localstack/emulator/python.ts'
import { childEnvironment } from '../../localstack/environment.ts'
import { PROJECT_ROOT, SLUICE_DIR } from '../../localstack/paths.ts'
import { runCommand } from '../../localstack/process/run-command.ts'

/** A command that comes from PyPI. */
export type PythonTool = {
  command: string
  /** File that pins it and all it needs, with hashes; from the project's root. */
  requirements: string
}

const INSTALL = ['-m', 'pip', 'install', '--quiet', '--require-hashes', '--disable-pip-version-check', '--requirement']

/**
 * The tool in a virtual environment of its own within the project; installed when it is missing or out of date.
 *
 * @returns path of the command
 */
export async function ensurePythonTool({ command, requirements }: PythonTool): Promise<string> {
  const venv = join(SLUICE_DIR, `venv-${command}`)
  // Copy of the requirements that were installed, written last.
  const stamp = join(venv, 'installed')
  const file = join(PROJECT_ROOT, requirements)
  const wanted = await readFile(file, 'utf8')
  const installed = await readFile(stamp, 'utf8').catch(() => undefined)
  if (installed !== wanted) {
    await rm(venv, { recursive: true, force: true })
    const options = { env: childEnvironment({}), cwd: PROJECT_ROOT, timeoutMs: 300_000 }
    const python = await findPython()
    await runCommand(python.path, ['-m', 'venv', venv], options)
    await runCommand(join(venv, 'bin/python'), [...INSTALL, file], options)
    await writeFile(stamp, wanted)
  }
  return join(venv, 'bin', command)
}
