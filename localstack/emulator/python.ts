import { childEnvironment } from '../environment.ts'
import { LocalCloudError } from '../local-cloud-error.ts'
import { PROJECT_ROOT } from '../paths.ts'
import { runCommand } from '../process/run-command.ts'

const CANDIDATES = ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python']

/** Prints the path and the version, and fails when a virtual environment could not be made. */
const PROBE = 'import sys, venv, ensurepip; print(sys.executable, *sys.version_info[:2], sep="\\n")'

export type Python = { path: string; version: string }

/**
 * The first Python on the PATH that is new enough for the emulator and can make virtual environments.
 *
 * @throws LocalCloudError
 */
export async function findPython(signal?: AbortSignal): Promise<Python> {
  for (const candidate of CANDIDATES) {
    const python = await probe(candidate, signal)
    if (python) return python
  }
  throw new LocalCloudError(
    'the emulator needs Python 3.10 or newer with venv, and none is on the PATH',
    'Debian/Ubuntu: sudo apt-get install python3 python3-venv · macOS: brew install python · or set AWS_ENDPOINT_URL to a running LocalStack',
  )
}

async function probe(candidate: string, signal?: AbortSignal): Promise<Python | undefined> {
  const options = { env: childEnvironment({}), cwd: PROJECT_ROOT, signal, timeoutMs: 10_000 }
  const answer = await runCommand(candidate, ['-c', PROBE], options).catch(() => undefined)
  const [path, major, minor] = answer?.trim().split('\n') ?? []
  if (!path || Number(major) !== 3 || Number(minor) < 10) return undefined
  return { path, version: `${major}.${minor}` }
}
