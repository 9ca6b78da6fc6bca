import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Metafile } from 'esbuild'

export type Bundling = {
  /** Root of the repository, which the names in the metafile are relative to. */
  root: string
  entryPoints: Record<string, string>
  metafile: Pick<Metafile, 'inputs'>
  /** Folder of what is made. */
  outputs: string
}

/** What decides on the bundles besides the files in them. */
const MAKERS = ['infra/bundling/*.ts', 'package-lock.json', 'tsconfig.json']

/**
 * Fingerprint of bundles: the names and the contents of everything that goes into them, and of everything that is there of them. While it is the same, bundling
 * again would make the same.
 *
 * @returns undefined when a file is gone
 */
export function bundleFingerprint({ root, entryPoints, metafile, outputs }: Bundling): string | undefined {
  const hash = createHash('sha256').update(JSON.stringify(entryPoints))
  const add = (folder: string, names: Iterable<string>): void => {
    for (const name of [...names].sort()) hash.update(`${name}\n`).update(readFileSync(join(folder, name)))
  }
  try {
    // A suffix names a part of the same file.
    add(root, new Set(Object.keys(metafile.inputs).map((input) => input.replace(/\?.*$/, ''))))
    add(root, globSync(MAKERS, { cwd: root }))
    add(outputs, globSync('**/*.*', { cwd: outputs }))
  } catch {
    return undefined
  }
  return hash.digest('hex')
}
