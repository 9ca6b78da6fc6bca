import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findPython } from '../../localstack/emulator/python.ts'
import { childEnvironment } from '../../localstack/environment.ts'
import { PROJECT_ROOT, SLUICE_DIR } from '../../localstack/paths.ts'
import { runCommand } from '../../localstack/process/run-command.ts'

const VENV = join(SLUICE_DIR, 'venv-lint')
const REQUIREMENTS = join(PROJECT_ROOT, 'infra/requirements.txt')
/** Copy of the requirements that were installed, written last. */
const STAMP = join(VENV, 'installed')

/**
 * The cfn-lint that `infra/requirements.txt` pins, in a virtual environment of the project; installed when it is missing or out of date.
 *
 * @returns path of the command
 */
export async function ensureCfnLint(): Promise<string> {
  const wanted = await readFile(REQUIREMENTS, 'utf8')
  const installed = await readFile(STAMP, 'utf8').catch(() => undefined)
  if (installed !== wanted) {
    await rm(VENV, { recursive: true, force: true })
    const options = { env: childEnvironment({}), cwd: PROJECT_ROOT, timeoutMs: 300_000 }
    const python = await findPython()
    await runCommand(python.path, ['-m', 'venv', VENV], options)
    const install = [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--require-hashes',
      '--disable-pip-version-check',
      '--requirement',
      REQUIREMENTS,
    ]
    await runCommand(join(VENV, 'bin/python'), install, options)
    await writeFile(STAMP, wanted)
  }
  return join(VENV, 'bin/cfn-lint')
}
