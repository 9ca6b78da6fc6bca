import type { Plugin } from 'esbuild'

const refusing = (name: string, why: string) =>
  `export class ${name} { constructor() { throw new Error(${JSON.stringify(why)}) } }`

/** Modules of the SDK that a function never runs, though the code mentions them, and what takes their places. */
const INSTEAD: readonly { path: RegExp; contents: string }[] = [
  {
    // For runtimes without `node:crypto`, which Node is never built without on Lambda.
    path: /\/checksum\/sha256\/Sha256Js\.js$/,
    contents: refusing('Sha256Js', 'handlers hash with node:crypto'),
  },
  {
    // For `AWS_RETRY_MODE=adaptive`, which no function is deployed with.
    path: /\/retry\/util-retry\/DefaultRateLimiter\.js$/,
    contents: refusing('DefaultRateLimiter', 'handlers have no adaptive retries: see infra/bundling/unused-modules.ts'),
  },
  {
    // Asks a metadata service that is on EC2 alone; Lambda says the region in `AWS_REGION`.
    path: /\/regionConfig\/getInstanceMetadataRegion\.js$/,
    contents: 'export const getInstanceMetadataRegion = async () => undefined',
  },
]

/** Leaves out what only other runtimes and settings need (7 kB), where nothing but a reference to it remains. */
export const unusedModules: Plugin = {
  name: 'unused-modules',
  setup(build) {
    for (const { path: filter, contents } of INSTEAD) {
      build.onLoad({ filter: new RegExp(String.raw`node_modules\/@smithy\/core\/dist-es.*${filter.source}`) }, () => ({
        contents,
        loader: 'js',
      }))
    }
  },
}
