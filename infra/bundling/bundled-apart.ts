import { basename } from 'node:path'
import type { Plugin } from 'esbuild'

/** Folder of these modules in the asset; it stands beside the folder of the chunks. */
const FOLDER = 'apart'

/**
 * Modules for rare paths, each bundled with its own copy of all that it imports. Functions share their chunks file by file, so what a rare path needs of
 * a big file would be loaded by every function that needs another part of it: with S3's SDK, 25 kB at each start. Nothing of ours may stand in
 * such a module: there would be two of it.
 */
const APART = ['shared/messaging/s3-sdk.ts']

const nameOf = (file: string): string => basename(file, '.ts')

/** Entry points of the second bundling. */
export const apartEntryPoints: Record<string, string> = Object.fromEntries(
  APART.map((file) => [`${FOLDER}/${nameOf(file)}`, file]),
)

/** Leaves these modules out of the first bundling, which refers to the second. */
export const bundledApart: Plugin = {
  name: 'bundled-apart',
  setup(build) {
    const filter = new RegExp(`/(${APART.map(nameOf).join('|')})\\.ts$`)
    build.onResolve({ filter }, ({ path, kind }) => {
      if (kind !== 'dynamic-import') throw new Error(`${path} must be loaded with import()`)
      // From a chunk, since several functions load it.
      return { path: `../${FOLDER}/${nameOf(path)}.mjs`, external: true }
    })
  },
}
