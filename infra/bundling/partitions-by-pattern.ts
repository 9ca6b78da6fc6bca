import { readFileSync } from 'node:fs'
import type { Plugin } from 'esbuild'

type Partitions = { partitions: { regionRegex: string; regions: Record<string, object> }[] }

const DATA = /@aws-sdk\/core\/dist-es\/.*\/lib\/aws\/partitions\.js$/
const ASSIGNMENT = /^export const partitionsInfo = ([\s\S]*);\s*$/

/**
 * Leaves the regions that a partition's own pattern matches out of the SDK's list (3 kB): the list adds nothing but their descriptions, which no
 * endpoint is made of.
 */
export const partitionsByPattern: Plugin = {
  name: 'partitions-by-pattern',
  setup(build) {
    build.onLoad({ filter: DATA }, ({ path }) => ({ contents: withoutListed(readFileSync(path, 'utf8')), loader: 'js' }))
  },
}

/** @throws SyntaxError when the file is no longer an object alone */
function withoutListed(file: string): string {
  const data = JSON.parse(ASSIGNMENT.exec(file)?.[1] ?? '') as Partitions
  for (const partition of data.partitions) {
    const pattern = new RegExp(partition.regionRegex)
    const unmatched = Object.keys(partition.regions).filter((region) => !pattern.test(region))
    partition.regions = Object.fromEntries(unmatched.map((region) => [region, {}]))
  }
  return `export const partitionsInfo = ${JSON.stringify(data)};`
}
