import { readFileSync } from 'node:fs'
import type { Plugin } from 'esbuild'

/** SDK clients read their own `package.json` for the version in the `User-Agent`: nothing else of it gets into a bundle. */
export const versionOfPackage: Plugin = {
  name: 'version-of-package',
  setup(build) {
    build.onLoad({ filter: /node_modules\/@aws-sdk\/client-[^/]+\/package\.json$/ }, ({ path }) => {
      const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string }
      return { contents: JSON.stringify({ version }), loader: 'json' }
    })
  },
}
