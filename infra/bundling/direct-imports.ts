import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Plugin, PluginBuild } from 'esbuild'

/** Packages whose index files only pass on what other files declare, and whose files have no side effects when they are loaded. */
const PACKAGES = String.raw`@(?:aws-sdk|smithy)\/`
const IMPORTERS = new RegExp(String.raw`node_modules\/${PACKAGES}.*\/dist-es\/.*\.js$|\/(?:shared|functions)\/.*\.ts$`)
const IMPORT = new RegExp(String.raw`^import \{([^}]*)\} from ['"]((?:${PACKAGES}|\.)[^'"]+)['"];?$`, 'gm')

/** `export { a, b as c } from "./x"` and `export * from "./x"`, as the packages' build writes them. */
const PASSED_ON = /^export \{([^}]*)\} from "([^"]+)";$/gm
const ALL_PASSED_ON = /^export \* from "([^"]+)";$/gm
const DECLARED = /^export (?:async function|function|class|const|let|var) ([\w$]+)/gm
const DECLARED_BEFORE = /^export \{([^}]*)\};$/gm

/** Suffix of an index file without what it passes on: some declare a thing or two of their own. */
const OWN = '?own'

/** A change of what certain files say, before their imports are looked at: a file is loaded by one plugin alone. */
export type Edit = { path: RegExp; edit(contents: string): string }

/** Where a name is declared, and what it is called there. */
type Source = { file: string; name: string }

/**
 * Imports what a package declares from the file that declares it, past the index files. esbuild shakes off what nobody uses, but splits code by
 * files: through an index that a handler imports from, everything that any other handler or a chunk loaded on demand uses of the package
 * would be loaded at the start (30 kB of protocols that only S3 and Bedrock speak).
 */
export const directImports = (edits: readonly Edit[]): Plugin => ({
  name: 'direct-imports',
  setup(build) {
    const exports = exportsOf(build)
    build.onResolve({ filter: /\?own$/ }, ({ path }) => ({ path: path.slice(0, -OWN.length), suffix: OWN, sideEffects: false }))
    build.onLoad({ filter: IMPORTERS }, async ({ path, suffix }) => {
      const whole = edits
        .filter((edit) => edit.path.test(path))
        .reduce((text, { edit }) => edit(text), await readFile(path, 'utf8'))
      const contents = suffix === OWN ? whole.replace(PASSED_ON, '').replace(ALL_PASSED_ON, '') : whole
      const direct = await rewrite(contents, async (specifier) => {
        const file = await resolved(build, specifier, dirname(path))
        return file === undefined ? undefined : exports(file)
      })
      return { contents: direct, loader: path.endsWith('.ts') ? 'ts' : 'js' }
    })
  },
})

async function rewrite(contents: string, find: (specifier: string) => Promise<Map<string, Source> | undefined>): Promise<string> {
  const statements = [...contents.matchAll(IMPORT)]
  const rewritten = await Promise.all(
    statements.map(async ([statement, names = '', specifier = '']) => {
      const sources = await find(specifier)
      return sources ? directStatements(names, specifier, sources) : statement
    }),
  )
  let next = 0
  return contents.replace(IMPORT, (statement) => rewritten[next++] ?? statement)
}

/** One import for each name; a name whose declaration was not found stays as it is. */
function directStatements(names: string, specifier: string, sources: Map<string, Source>): string {
  return namesIn(names)
    .map(([imported, local]) => {
      const source = sources.get(imported)
      return source
        ? `import { ${source.name} as ${local} } from ${JSON.stringify(source.file)};`
        : `import { ${imported} as ${local} } from ${JSON.stringify(specifier)};`
    })
    .join(' ')
}

/** Names of a file with the places of their declarations, through as many index files as there are. */
function exportsOf(build: PluginBuild): (file: string) => Promise<Map<string, Source>> {
  const known = new Map<string, Promise<Map<string, Source>>>()

  async function read(file: string): Promise<Map<string, Source>> {
    const contents = await readFile(file, 'utf8')
    const found = new Map<string, Source>()
    for (const [, specifier = ''] of contents.matchAll(ALL_PASSED_ON)) {
      for (const [name, source] of await of(specifier, file)) found.set(name, source)
    }
    for (const [, names = '', specifier = ''] of contents.matchAll(PASSED_ON)) {
      const sources = await of(specifier, file)
      for (const [imported, local] of namesIn(names)) {
        const source = sources.get(imported)
        if (source) found.set(local, source)
      }
    }
    const own = found.size > 0 ? file + OWN : file
    for (const [, name = ''] of contents.matchAll(DECLARED)) found.set(name, { file: own, name })
    for (const [, names = ''] of contents.matchAll(DECLARED_BEFORE)) {
      for (const [, name] of namesIn(names)) found.set(name, { file: own, name })
    }
    return found
  }

  async function of(specifier: string, importer: string): Promise<Map<string, Source>> {
    const file = await resolved(build, specifier, dirname(importer))
    return file === undefined ? new Map() : exports(file)
  }

  function exports(file: string): Promise<Map<string, Source>> {
    const found = known.get(file) ?? read(file)
    known.set(file, found)
    return found
  }
  return exports
}

/** The file behind a specifier; undefined for what is no file of these packages. */
async function resolved(build: PluginBuild, specifier: string, resolveDir: string): Promise<string | undefined> {
  const { path, errors, external } = await build.resolve(specifier, { kind: 'import-statement', resolveDir })
  const isOurs = errors.length === 0 && !external && /\/dist-es\/.*\.js$/.test(path)
  return isOurs ? path : undefined
}

/** `a, b as c, type D` → `[['a', 'a'], ['b', 'c']]`: types are gone when the code runs. */
function namesIn(list: string): [imported: string, local: string][] {
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && !name.startsWith('type '))
    .map((name) => {
      const [imported = '', local = imported] = name.split(/\s+as\s+/)
      return [imported, local]
    })
}
