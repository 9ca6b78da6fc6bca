import { createHash, randomUUID } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { childEnvironment } from '../environment.ts'
import { LocalCloudError } from '../local-cloud-error.ts'
import { PROJECT_ROOT, SLUICE_DIR } from '../paths.ts'
import { oneAtATime } from '../process/one-at-a-time.ts'
import { CommandError, runCommand } from '../process/run-command.ts'
import { findPython, type Python } from './python.ts'

const VENV = join(SLUICE_DIR, 'venv')
const STAMP = 'installed'
const REQUIREMENTS = join(PROJECT_ROOT, 'localstack', 'requirements.txt')

const INSTALL = [
  '-m',
  'pip',
  'install',
  '--quiet',
  '--require-hashes',
  '--no-compile',
  '--disable-pip-version-check',
  '--requirement',
]

/**
 * The project's virtual environment with the pinned emulator, made when it is missing or out of date, by one process at a time. It is built aside and then
 * renamed, so that an interrupted installation leaves nothing half done.
 *
 * @returns path of its Python
 * @throws LocalCloudError
 */
export async function ensureVirtualEnvironment(signal?: AbortSignal): Promise<string> {
  const interpreter = join(VENV, 'bin', 'python')
  const python = await findPython(signal)
  const stamp = await wantedStamp(python)
  if ((await currentStamp()) === stamp) return interpreter
  await oneAtATime('virtual-environment', async () => {
    if ((await currentStamp()) !== stamp) await build(python, stamp, signal)
  })
  return interpreter
}

async function build(python: Python, stamp: string, signal?: AbortSignal): Promise<void> {
  const building = `${VENV}-${randomUUID().slice(0, 8)}`
  try {
    await install(python, building, signal)
    await writeFile(join(building, STAMP), stamp)
    await rm(VENV, { recursive: true, force: true })
    await rename(building, VENV)
  } finally {
    await rm(building, { recursive: true, force: true })
  }
}

async function install(python: Python, folder: string, signal?: AbortSignal): Promise<void> {
  const options = { env: childEnvironment({}), cwd: PROJECT_ROOT, signal, timeoutMs: 300_000 }
  try {
    await runCommand(python.path, ['-m', 'venv', folder], options)
    await runCommand(join(folder, 'bin', 'python'), [...INSTALL, REQUIREMENTS], options)
  } catch (error) {
    const output = error instanceof CommandError ? error.output : String(error)
    throw new LocalCloudError(
      `the emulator could not be installed:\n${output}`,
      'check that pip reaches a package index (settings of pip apply), then run the command again',
      error,
    )
  }
}

async function wantedStamp(python: Python): Promise<string> {
  return createHash('sha256')
    .update(await readFile(REQUIREMENTS))
    .update(`${python.path} ${python.version}`)
    .digest('hex')
}

async function currentStamp(): Promise<string | undefined> {
  return readFile(join(VENV, STAMP), 'utf8').catch(() => undefined)
}
