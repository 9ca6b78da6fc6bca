import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { findLocalCloud, startedLocalCloud } from '../../../cli/local-cloud.ts'
import { writeRunRecord } from '../../../localstack/run-record.ts'

let stateDir: string

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'sluice-cli-'))
})
afterEach(() => rm(stateDir, { recursive: true }))

const record = (text: string) => writeFile(join(stateDir, 'run.json'), text)

it('finds the cloud that runs', async () => {
  const cloud = {
    pid: process.pid,
    frontDoorUrl: 'http://localhost:8797',
    endpointUrl: 'http://127.0.0.1:4567',
    region: 'us-east-1',
  }
  await record(JSON.stringify({ ...cloud, emulatorPid: 1 }))

  expect(await findLocalCloud(stateDir)).toEqual(cloud)
})

it('finds one that is still starting', async () => {
  await record(JSON.stringify({ pid: process.pid }))

  expect(await findLocalCloud(stateDir)).toEqual({ pid: process.pid })
})

it.each([
  // Above the largest process id of Linux, 2^22.
  ['a process that is gone', '{"pid": 4194999, "frontDoorUrl": "http://localhost:8787"}'],
  ['half a file', '{"pid": 12'],
  ['something else', '{"name": "sluice"}'],
])('does not take %s for a running cloud', async (_, text) => {
  await record(text)

  expect(await findLocalCloud(stateDir)).toBeUndefined()
})

it('finds none where nothing was ever started', async () => {
  expect(await findLocalCloud(join(stateDir, 'elsewhere'))).toBeUndefined()
})

it('waits for one that comes up', async () => {
  await writeRunRecord(stateDir, { pid: process.pid })

  const started = startedLocalCloud(stateDir)
  await new Promise(setImmediate)
  await writeRunRecord(stateDir, { pid: process.pid, endpointUrl: 'http://127.0.0.1:4567' })

  expect(await started).toMatchObject({ endpointUrl: 'http://127.0.0.1:4567' })
})

it('does not wait for ever, nor where none runs', async () => {
  expect(await startedLocalCloud(stateDir)).toBeUndefined()
  await record(JSON.stringify({ pid: process.pid }))

  expect(await startedLocalCloud(stateDir, 0)).toEqual({ pid: process.pid })
})
