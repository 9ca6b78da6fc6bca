import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { onceForSources } from '../../../localstack/once-for-sources.ts'
import { PROJECT_ROOT } from '../../../localstack/paths.ts'

describe('onceForSources', () => {
  let directory = ''
  let runs = 0
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sluice-once-'))
    runs = 0
    await writeFile(join(directory, 'source.ts'), 'one')
  })
  afterEach(() => rm(directory, { recursive: true }))

  const product = () => join(directory, 'product')
  const work = async () => {
    runs += 1
    await writeFile(product(), 'made')
  }
  const once = (how = work) =>
    onceForSources(
      { sources: [relative(PROJECT_ROOT, join(directory, '*.ts'))], product: product(), stamp: join(directory, 'meta', 'stamp') },
      how,
    )

  it('does the work once, and again when a source changes, comes or goes', async () => {
    await once()
    await once()
    expect(runs).toBe(1)

    await writeFile(join(directory, 'source.ts'), 'two')
    await once()
    await writeFile(join(directory, 'more.ts'), '')
    await once()
    await rm(join(directory, 'more.ts'))
    await once()
    expect(runs).toBe(4)
  })

  it('does it again when the product is gone', async () => {
    await once()
    await rm(product())
    await once()
    expect(runs).toBe(2)
  })

  it('does it again after it failed, even if an earlier product is there', async () => {
    await once()
    await writeFile(join(directory, 'source.ts'), 'broken')
    await expect(once(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
    await writeFile(join(directory, 'source.ts'), 'one')
    await once()
    expect(runs).toBe(2)
  })
})
