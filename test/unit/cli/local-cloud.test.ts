import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startedLocalCloud } from '../../../cli/local-cloud.ts'

let stateDir: string

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'sluice-state-'))
})
afterEach(() => rm(stateDir, { recursive: true, force: true }))

const record = (more: object) => writeFile(join(stateDir, 'run.json'), JSON.stringify({ pid: process.pid, ...more }))

describe('startedLocalCloud', () => {
  it('waits for one that comes up', async () => {
    await record({})

    const started = startedLocalCloud(stateDir)
    await new Promise(setImmediate)
    await record({ endpointUrl: 'http://localhost:4566' })

    expect(await started).toMatchObject({ endpointUrl: 'http://localhost:4566' })
  })

  it('does not wait for ever', async () => {
    await record({})

    expect(await startedLocalCloud(stateDir, 0)).toEqual({ pid: process.pid })
  })

  it('does not wait where none runs, or a killed one has left its record', async () => {
    expect(await startedLocalCloud(stateDir)).toBeUndefined()
    await record({ pid: 2 ** 22 + 1 })

    expect(await startedLocalCloud(stateDir)).toBeUndefined()
  })
})
