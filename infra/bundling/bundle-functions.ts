import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { build, type Metafile } from 'esbuild'
import { FUNCTION_NAMES } from '#shared/platform/names.ts'
import { bundleFingerprint } from './bundle-fingerprint.ts'
import { directImports } from './direct-imports.ts'
import { itemErrorsOnly } from './item-errors-only.ts'
import { partitionsByPattern } from './partitions-by-pattern.ts'
import { unusedModules } from './unused-modules.ts'
import { versionOfPackage } from './version-of-package.ts'
import { withoutJsonSchema } from './without-json-schema.ts'

/** What handlers are made without, and how they import. */
export const BUNDLE_PLUGINS = [
  withoutJsonSchema,
  unusedModules,
  partitionsByPattern,
  directImports([itemErrorsOnly]),
  versionOfPackage,
]

/** Root of the repository. */
const ROOT = resolve(import.meta.dirname, '../..')

/** The one asset of all functions: `<function>/handler.mjs` each, and the chunks that they share. */
export const FUNCTIONS_DIRECTORY = join(ROOT, 'dist/functions')

/** esbuild's metafile of the last bundling: what is in each file. Outside of the asset, so that it is not deployed. */
export const FUNCTIONS_METAFILE = join(ROOT, 'dist/meta/functions.json')

/** Fingerprint of the last bundling. */
const STAMP = join(ROOT, 'dist/meta/functions.sha256')

/** ESM has no `require`, which CommonJS packages in the bundle call for Node's own modules. Stands in the files that mention it. */
const REQUIRE_BANNER =
  "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);\n"

/**
 * Bundles all handlers, unless they are bundled already and nothing has changed since: neither a file that went in nor one that came out.
 *
 * @throws Error when a function has no handler
 */
export async function bundleFunctions(): Promise<void> {
  const entries = entryPoints()
  if (isUpToDate(entries)) return
  await makeBundles(entries)
}

/**
 * Bundles all handlers in one call, with code splitting: a provider's SDK is a chunk of its own that is loaded on first use.
 * The output depends on the sources alone, so that an unchanged checkout has an unchanged asset hash.
 *
 * @throws Error when a function has no handler
 */
export async function makeBundles(entries = entryPoints()): Promise<void> {
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: entries,
    outdir: FUNCTIONS_DIRECTORY,
    outExtension: { '.js': '.mjs' },
    // By their hash alone: a function mentions chunks some 300 times. What is in one stands in the metafile.
    chunkNames: 'chunks/[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // The ES modules of a package, where it has both: only they can be shaken.
    mainFields: ['module', 'main'],
    minify: true,
    legalComments: 'none',
    alias: {
      '@aws-sdk/credential-provider-node': join(import.meta.dirname, 'environment-credentials.ts'),
      '@aws-sdk/endpoint-cache': join(import.meta.dirname, 'unused-endpoint-cache.ts'),
    },
    plugins: BUNDLE_PLUGINS,
    metafile: true,
    write: false,
    logLevel: 'warning',
  })
  const files = new Map(
    result.outputFiles.map(({ path, text }) => [path, /\brequire\b/.test(text) ? REQUIRE_BANNER + text : text]),
  )
  for (const [path, text] of files) {
    const described = result.metafile.outputs[relative(ROOT, path)]
    if (described) described.bytes = Buffer.byteLength(text)
  }
  mkdirSync(dirname(FUNCTIONS_METAFILE), { recursive: true })
  writeFileSync(FUNCTIONS_METAFILE, JSON.stringify(result.metafile))
  writeOutput(files)
  writeFileSync(STAMP, fingerprintOf(entries, result.metafile) ?? '')
}

const fingerprintOf = (entries: Record<string, string>, metafile: Metafile): string | undefined =>
  bundleFingerprint({ root: ROOT, entryPoints: entries, metafile, outputs: FUNCTIONS_DIRECTORY })

function isUpToDate(entries: Record<string, string>): boolean {
  try {
    const metafile: Metafile = JSON.parse(readFileSync(FUNCTIONS_METAFILE, 'utf8'))
    return fingerprintOf(entries, metafile) === readFileSync(STAMP, 'utf8')
  } catch {
    // Nothing has been bundled here, or somebody else is writing it now.
    return false
  }
}

function entryPoints(): Record<string, string> {
  const found = globSync(['functions/*/handler.ts', 'functions/{agents,tools}/*/handler.ts'], { cwd: ROOT }).sort()
  const missing = FUNCTION_NAMES.filter((name) => !found.includes(join('functions', name, 'handler.ts')))
  if (missing.length > 0) throw new Error(`no handler: ${missing.map((name) => `functions/${name}/handler.ts`).join(', ')}`)
  return Object.fromEntries(found.map((file) => [relative('functions', file).replace(/\.ts$/, ''), file]))
}

/** Writes what changed and removes what is no longer made: an asset that is being uploaded by another command stays whole. */
function writeOutput(files: Map<string, string>): void {
  const wanted = new Map([...files].map(([path, text]) => [relative(FUNCTIONS_DIRECTORY, path), Buffer.from(text)]))
  for (const [name, contents] of wanted) {
    const file = join(FUNCTIONS_DIRECTORY, name)
    if (isUnchanged(file, contents)) continue
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, contents)
  }
  const stale = globSync('**/*.*', { cwd: FUNCTIONS_DIRECTORY }).filter((name) => !wanted.has(name))
  for (const name of stale) rmSync(join(FUNCTIONS_DIRECTORY, name))
}

function isUnchanged(file: string, contents: Uint8Array): boolean {
  try {
    return readFileSync(file).equals(contents)
  } catch {
    return false
  }
}
