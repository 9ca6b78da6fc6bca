import type { Metafile } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { reachable } from '../../../scripts/reachable.ts'

type Imports = Metafile['outputs'][string]['imports']

const output = (bytes: number, ...imports: Imports) => ({ bytes, inputs: {}, imports, exports: [] })
const loads = (path: string) => ({ path, kind: 'import-statement' as const })
const loadsLater = (path: string) => ({ path, kind: 'dynamic-import' as const })

describe('reachable', () => {
  it('counts what an entry loads with it, each chunk once, and apart from that what it loads on demand', () => {
    const outputs = {
      entry: output(1, loads('shared'), loads('other'), loadsLater('sdk')),
      shared: output(10),
      other: output(100, loads('shared'), loads('entry')),
      sdk: output(1_000, loads('shared'), loads('sdk-part')),
      'sdk-part': output(10_000),
      unrelated: output(100_000),
    }

    expect(reachable(outputs, 'entry')).toEqual({ eager: 111, lazy: 11_000 })
  })

  it('counts what is loaded both ways as loaded at the start', () => {
    const outputs = { entry: output(1, loadsLater('chunk'), loads('chunk')), chunk: output(10) }

    expect(reachable(outputs, 'entry')).toEqual({ eager: 11, lazy: 0 })
  })

  it('leaves out what is not in the bundle', () => {
    const outputs = { entry: output(1, { path: 'node:fs', kind: 'import-statement', external: true }) }

    expect(reachable(outputs, 'entry')).toEqual({ eager: 1, lazy: 0 })
  })
})
