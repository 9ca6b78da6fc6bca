import { createHash } from 'node:crypto'
import { existsSync, globSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { childEnvironment } from './environment.ts'
import { LocalCloudError } from './local-cloud-error.ts'
import { PROJECT_ROOT } from './paths.ts'
import { CommandError, runCommand } from './process/run-command.ts'

/** Where the console is built to. */
export const CONSOLE_DIRECTORY = join(PROJECT_ROOT, 'dist', 'console')

const STAMP = join(PROJECT_ROOT, 'dist', 'console.sha256')

/** Everything the built console is made from. */
const SOURCES = ['web/**/*.*', 'shared/protocol/*.ts', 'package-lock.json']

/** Builds the console, unless its sources are those of the last build. */
export async function ensureConsole(signal?: AbortSignal): Promise<void> {
  const stamp = await fingerprint()
  if (existsSync(join(CONSOLE_DIRECTORY, 'index.html')) && (await readFile(STAMP, 'utf8').catch(() => '')) === stamp) return
  const options = { env: childEnvironment({}), cwd: PROJECT_ROOT, signal, timeoutMs: 120_000 }
  try {
    await runCommand('vite', ['build', 'web/console', '--logLevel', 'warn'], options)
  } catch (error) {
    const output = error instanceof CommandError ? error.output : String(error)
    throw new LocalCloudError(`the console could not be built:\n${output}`, 'npm run build:console shows it again', error)
  }
  await writeFile(STAMP, stamp)
}

async function fingerprint(): Promise<string> {
  const hash = createHash('sha256')
  for (const file of globSync(SOURCES, { cwd: PROJECT_ROOT, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()) {
    hash.update(file).update(await readFile(file))
  }
  return hash.digest('hex')
}
