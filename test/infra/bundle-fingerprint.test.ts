import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bundleFingerprint } from '../../infra/bundling/bundle-fingerprint.ts'

describe('bundleFingerprint', () => {
  let root: string
  let outputs: string
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'sluice-bundling-'))
    outputs = await mkdtemp(join(tmpdir(), 'sluice-bundles-'))
    await writeFile(join(root, 'handler.ts'), 'export const handler = 1')
    await writeFile(join(root, 'package-lock.json'), '{}')
    await writeFile(join(outputs, 'handler.mjs'), '1')
  })
  afterEach(() => Promise.all([root, outputs].map((folder) => rm(folder, { recursive: true }))))

  const input = { bytes: 1, imports: [] }
  const fingerprint = (entryPoints: Record<string, string> = { 'execute/handler': 'handler.ts' }) =>
    bundleFingerprint({ root, outputs, entryPoints, metafile: { inputs: { 'handler.ts': input, 'handler.ts?own': input } } })

  it('stays while nothing changes', () => {
    expect(fingerprint()).toMatch(/^[0-9a-f]{64}$/)
    expect(fingerprint()).toBe(fingerprint())
  })

  it.each<[string, () => Promise<void>]>([
    ['a file that went in', () => writeFile(join(root, 'handler.ts'), 'export const handler = 2')],
    ['a file that came out', () => writeFile(join(outputs, 'handler.mjs'), '2')],
    ['a file beside those that came out', () => writeFile(join(outputs, 'stale.mjs'), '')],
    ['the installed packages', () => writeFile(join(root, 'package-lock.json'), '{"a":1}')],
    ['how files are read', () => writeFile(join(root, 'tsconfig.json'), '{}')],
  ])('changes with %s', async (_what, change) => {
    const before = fingerprint()

    await change()

    expect(fingerprint()).not.toBe(before)
  })

  it('changes with the functions that there are', () => {
    expect(fingerprint({ 'execute/handler': 'handler.ts', 'socket/handler': 'handler.ts' })).not.toBe(fingerprint())
  })

  it.each([
    ['went in', () => join(root, 'handler.ts')],
    ['came out', () => join(outputs, 'handler.mjs')],
  ])('is another one, or none, when a file that %s is gone', async (_what, file) => {
    const before = fingerprint()

    await rm(file())

    expect(fingerprint()).not.toBe(before)
  })
})
