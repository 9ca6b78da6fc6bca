import { gzipSync } from 'node:zlib'
import { type BuildOptions, type BuildResult, build } from 'esbuild'
import { reachable } from '../reachable.ts'

/** Where the published client is built. */
export const CLIENT_FOLDER = 'dist/client'

const OPTIONS = {
  entryPoints: ['web/client/index.ts', 'web/client/react.ts'],
  outdir: CLIENT_FOLDER,
  bundle: true,
  splitting: true,
  minify: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  external: ['react'],
  metafile: true,
  write: false,
  logLevel: 'warning',
} satisfies BuildOptions

/** The client as it is published: one file an entry, and those it loads on demand. */
export function bundleClient(): Promise<BuildResult<typeof OPTIONS>> {
  return build(OPTIONS)
}

/** Compressed bytes that an entry (`index`, `react`) loads at its start, and on demand. */
export async function clientSizes(entry: string): Promise<{ eager: number; lazy: number }> {
  const { outputFiles, metafile } = await bundleClient()
  const outputs = structuredClone(metafile.outputs)
  for (const [file, output] of Object.entries(outputs)) {
    const contents = outputFiles.find(({ path }) => path.endsWith(`/${file}`))?.contents
    output.bytes = contents ? gzipSync(contents, { level: 9 }).length : 0
  }
  return reachable(outputs, `${CLIENT_FOLDER}/${entry}.js`)
}
