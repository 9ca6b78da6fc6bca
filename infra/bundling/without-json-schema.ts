import { readFileSync } from 'node:fs'
import type { Plugin } from 'esbuild'

/** Modules of zod that turn schemas into JSON Schema; every schema class refers to them, so they cannot be shaken off. */
const GENERATOR = /zod\/v4\/core\/(to-json-schema|json-schema-processors)\.js$/
const EXPORTED = /^export (?:function|const) (\w+)/gm

const REFUSE = `const refuse = () => { throw new Error('handlers have no JSON Schema: see infra/bundling/without-json-schema.ts') }`

/**
 * Leaves zod's JSON Schema generator (18 kB) out of the handlers: they validate, and documents are generated when the project is built. A
 * handler that calls it all the same gets an error that says so.
 */
export const withoutJsonSchema: Plugin = {
  name: 'without-json-schema',
  setup(build) {
    build.onLoad({ filter: GENERATOR }, ({ path }) => {
      const names = [...readFileSync(path, 'utf8').matchAll(EXPORTED)].map(([, name]) => name)
      // A schema makes its methods when it is made; only calling them is refused.
      const exports = names.map((name) => `export const ${name} = ${name?.startsWith('create') ? '() => refuse' : 'refuse'}`)
      return { contents: [REFUSE, ...exports, 'export { refuse as process }'].join('\n'), loader: 'js' }
    })
  },
}
