import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { claimStateDirectory, readRunRecord, releaseStateDirectory, writeRunRecord } from '../../../localstack/run-record.ts'

describe('the state directory', () => {
  let directory = ''
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sluice-run-record-'))
  })
  afterEach(() => rm(directory, { recursive: true }))

  /** A process whose command line says that it is the local cloud, or its emulator. */
  async function aProcess(name: string) {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)', name], { detached: true, stdio: 'ignore' })
    await once(child, 'spawn')
    return { pid: child.pid ?? 0, exited: once(child, 'exit'), kill: () => child.kill('SIGKILL') }
  }

  it('is taken and given back', async () => {
    await claimStateDirectory(directory)
    expect(await readRunRecord(directory)).toEqual({ pid: process.pid })

    await releaseStateDirectory(directory)
    expect(await readdir(directory)).toEqual([])
  })

  it('is not given twice, and the refusal says where the other one is reached', async () => {
    const other = await aProcess('localstack/start.ts')
    try {
      await writeRunRecord(directory, { pid: other.pid, frontDoorUrl: 'http://localhost:8787' })
      await expect(claimStateDirectory(directory)).rejects.toThrow(`process ${other.pid}): http://localhost:8787`)
      await releaseStateDirectory(directory)
      expect(await readRunRecord(directory)).toMatchObject({ pid: other.pid })
    } finally {
      other.kill()
    }
  })

  it('is free when the process is gone, or is another program by now', async () => {
    const another = await aProcess('something else')
    try {
      await writeRunRecord(directory, { pid: another.pid })
      await claimStateDirectory(directory)
      expect(await readRunRecord(directory)).toEqual({ pid: process.pid })
    } finally {
      another.kill()
    }
  })

  it('is free when the record cannot be read', async () => {
    await writeFile(join(directory, 'run.json'), '{ half')
    await expect(claimStateDirectory(directory)).resolves.toBeUndefined()
  })

  it('loses the emulator that a killed run left behind', async () => {
    const emulator = await aProcess('ministack')
    await writeRunRecord(directory, { pid: 2 ** 22 + 1, emulatorPid: emulator.pid })

    await claimStateDirectory(directory)
    await emulator.exited
  })
})
