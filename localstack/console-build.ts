import { join } from 'node:path'
import { childEnvironment } from './environment.ts'
import { LocalCloudError } from './local-cloud-error.ts'
import { onceForSources } from './once-for-sources.ts'
import { PROJECT_ROOT } from './paths.ts'
import { oneAtATime } from './process/one-at-a-time.ts'
import { CommandError, runCommand } from './process/run-command.ts'

/** Where the console is built to. */
export const CONSOLE_DIRECTORY = join(PROJECT_ROOT, 'dist', 'console')

const BUILD = {
  sources: ['web/**/*.*', 'shared/protocol/*.ts', 'package-lock.json'],
  product: join(CONSOLE_DIRECTORY, 'index.html'),
  // Beside the console and not inside of it: what is inside gets published.
  stamp: join(PROJECT_ROOT, 'dist', 'meta', 'console.sha256'),
}

/** Builds the console, unless its sources are those of the last build; one process at a time. */
export async function ensureConsole(signal?: AbortSignal): Promise<void> {
  await oneAtATime('console', () => onceForSources(BUILD, () => build(signal)))
}

async function build(signal?: AbortSignal): Promise<void> {
  // Without it, a build that a test asks for would be one for development.
  const env = childEnvironment({ NODE_ENV: 'production' })
  const options = { env, cwd: PROJECT_ROOT, signal, timeoutMs: 120_000 }
  try {
    await runCommand('vite', ['build', 'web/console', '--logLevel', 'warn'], options)
  } catch (error) {
    const output = error instanceof CommandError ? error.output : String(error)
    throw new LocalCloudError(`the console could not be built:\n${output}`, 'npm run build:console shows it again', error)
  }
}
