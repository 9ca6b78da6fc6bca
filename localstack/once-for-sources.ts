import { createHash } from 'node:crypto'
import { existsSync, globSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PROJECT_ROOT } from './paths.ts'

export type OnceForSources = {
  /** Patterns below the project's root. */
  sources: string[]
  /** What the work makes; when it is missing, the work is done again. */
  product: string
  /** File that keeps the fingerprint of the sources that the work was last done for. */
  stamp: string
}

/** Does the work, unless it was done for these very sources before. */
export async function onceForSources({ sources, product, stamp }: OnceForSources, work: () => Promise<void>): Promise<void> {
  const fingerprint = await fingerprintOf(sources)
  if (existsSync(product) && (await readFile(stamp, 'utf8').catch(() => '')) === fingerprint) return
  await rm(stamp, { force: true })
  await work()
  await mkdir(dirname(stamp), { recursive: true })
  await writeFile(stamp, fingerprint)
}

async function fingerprintOf(sources: string[]): Promise<string> {
  const entries = globSync(sources, { cwd: PROJECT_ROOT, withFileTypes: true }).filter((entry) => entry.isFile())
  const hash = createHash('sha256')
  for (const file of entries.map((entry) => join(entry.parentPath, entry.name)).sort())
    hash.update(file).update(await readFile(file))
  return hash.digest('hex')
}
