import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Metafile as EsbuildMetafile } from 'esbuild'
import { beforeAll, describe, expect, it } from 'vitest'
import { FUNCTION_NAMES } from '#shared/platform/names.ts'
import { bundleFunctions, FUNCTIONS_DIRECTORY, FUNCTIONS_METAFILE, makeBundles } from '../../infra/bundling/bundle-functions.ts'

type Metafile = { outputs: Record<string, { entryPoint?: string; bytes: number }> }

const fingerprint = (): string => {
  const hash = createHash('sha256')
  for (const file of globSync('**/*.mjs', { cwd: FUNCTIONS_DIRECTORY }).toSorted()) {
    hash.update(file).update(readFileSync(join(FUNCTIONS_DIRECTORY, file)))
  }
  return hash.digest('hex')
}

/** Files that are loaded with an entry: those it imports, and so on. */
function filesAtStart(outputs: EsbuildMetafile['outputs'], entry: string, seen = new Set<string>()): string[] {
  if (seen.has(entry)) return []
  seen.add(entry)
  for (const { kind, path } of outputs[entry]?.imports ?? []) {
    if (kind === 'import-statement' && outputs[path]) filesAtStart(outputs, path, seen)
  }
  return [...seen]
}

/** Sources with a part in what a function loads at its start. */
function inputsAtStart(outputs: EsbuildMetafile['outputs'], name: string) {
  const entry = Object.keys(outputs).find((file) => file.endsWith(`functions/${name}/handler.mjs`)) ?? ''
  return filesAtStart(outputs, entry)
    .flatMap((file) => Object.entries(outputs[file]?.inputs ?? {}))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
}

describe('bundleFunctions', () => {
  beforeAll(bundleFunctions)

  it('makes one entry for each function, and the same bytes every time', async () => {
    const before = fingerprint()
    await makeBundles()

    expect(globSync('*/handler.mjs', { cwd: FUNCTIONS_DIRECTORY }).toSorted()).toEqual(
      FUNCTION_NAMES.map((name) => join(name, 'handler.mjs')).toSorted(),
    )
    expect(fingerprint()).toBe(before)
  })

  it('loads nothing at the start that only speaks to services used on demand', () => {
    const { outputs } = JSON.parse(readFileSync(FUNCTIONS_METAFILE, 'utf8')) as EsbuildMetafile

    for (const name of ['dispatch', 'execute', 'socket', 'stream']) {
      const loaded = inputsAtStart(outputs, name).map(([input]) => input)
      expect(loaded.some((input) => input.includes('client-dynamodb'))).toBe(true)
      expect(loaded.filter((input) => /client-(s3|bedrock|sqs)|xml-builder|HttpBindingProtocol/.test(input))).toEqual([])
    }
  })

  it.each(['dispatch', 'execute', 'socket'])('has nothing of the SDK in %s that never runs on Lambda', (name) => {
    const { outputs } = JSON.parse(readFileSync(FUNCTIONS_METAFILE, 'utf8')) as EsbuildMetafile

    const bytesOf = (file: string) => inputsAtStart(outputs, name).find(([input]) => input.endsWith(file))?.[1].bytesInOutput

    expect(bytesOf('sha256/Sha256Js.js')).toBeLessThan(200)
    expect(bytesOf('util-retry/DefaultRateLimiter.js')).toBeLessThan(200)
    expect(bytesOf('regionConfig/getInstanceMetadataRegion.js')).toBeLessThan(100)
    expect(bytesOf('lib/aws/partitions.js')).toBeLessThan(2_500)
    expect(bytesOf('client-dynamodb/dist-es/models/errors.js')).toBeLessThan(4_500)
  })

  it('says what is in each file, outside of what is deployed', () => {
    const { outputs }: Metafile = JSON.parse(readFileSync(FUNCTIONS_METAFILE, 'utf8'))

    const entries = Object.values(outputs).flatMap(({ entryPoint }) => entryPoint ?? [])

    expect(entries).toEqual(expect.arrayContaining(FUNCTION_NAMES.map((name) => `functions/${name}/handler.ts`)))
    expect(globSync('**/*.*', { cwd: FUNCTIONS_DIRECTORY }).every((file) => file.endsWith('.mjs'))).toBe(true)
  })
})
