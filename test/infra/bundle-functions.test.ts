import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { FUNCTION_NAMES } from '#shared/platform/names.ts'
import { bundleFunctions, FUNCTIONS_DIRECTORY, FUNCTIONS_METAFILE } from '../../infra/bundling/bundle-functions.ts'

type Metafile = { outputs: Record<string, { entryPoint?: string; bytes: number }> }

const fingerprint = (): string => {
  const hash = createHash('sha256')
  for (const file of globSync('**/*.mjs', { cwd: FUNCTIONS_DIRECTORY }).toSorted()) {
    hash.update(file).update(readFileSync(join(FUNCTIONS_DIRECTORY, file)))
  }
  return hash.digest('hex')
}

describe('bundleFunctions', () => {
  beforeAll(bundleFunctions)

  it('makes one entry for each function, and the same bytes every time', async () => {
    const before = fingerprint()
    await bundleFunctions()

    expect(globSync('*/handler.mjs', { cwd: FUNCTIONS_DIRECTORY }).toSorted()).toEqual(
      FUNCTION_NAMES.map((name) => join(name, 'handler.mjs')).toSorted(),
    )
    expect(fingerprint()).toBe(before)
  })

  it('finds what is bundled apart where the functions look for it, and shares nothing with them', () => {
    const files = globSync('**/*.mjs', { cwd: FUNCTIONS_DIRECTORY })
    const references = files.flatMap((file) => {
      const text = readFileSync(join(FUNCTIONS_DIRECTORY, file), 'utf8')
      return [...text.matchAll(/import\("([^"]*apart\/[^"]*)"\)/g)].map(([, path = '']) => join(dirname(file), path))
    })

    expect(new Set(references)).toEqual(new Set(files.filter((file) => file.startsWith('apart/'))))
    for (const file of new Set(references)) {
      expect(readFileSync(join(FUNCTIONS_DIRECTORY, file), 'utf8')).not.toMatch(/from"\.\.?\//)
    }
  })

  it('says what is in each file, outside of what is deployed', () => {
    const { outputs }: Metafile = JSON.parse(readFileSync(FUNCTIONS_METAFILE, 'utf8'))

    const entries = Object.values(outputs).flatMap(({ entryPoint }) => entryPoint ?? [])

    expect(entries).toEqual(expect.arrayContaining(FUNCTION_NAMES.map((name) => `functions/${name}/handler.ts`)))
    expect(globSync('**/*.*', { cwd: FUNCTIONS_DIRECTORY }).every((file) => file.endsWith('.mjs'))).toBe(true)
  })
})
