import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { connect, resolveUrl } from '../../../cli/connect.ts'
import { readEnvironment } from '../../../cli/environment.ts'
import { UsageError } from '../../../cli/errors.ts'

const NEVER = new AbortController().signal
const NOWHERE = { SLUICE_STATE_DIR: '/nowhere' }

describe('resolveUrl', () => {
  it('takes the option, then the environment, then the running local cloud, then the default', async () => {
    const stateDir = await mkdtemp(join(tmpdir(), 'sluice-cli-'))
    await writeFile(join(stateDir, 'run.json'), JSON.stringify({ pid: process.pid, frontDoorUrl: 'http://localhost:8797' }))
    const running = { SLUICE_STATE_DIR: stateDir }
    const named = readEnvironment({ ...running, SLUICE_URL: 'https://b.example/' })

    expect(await resolveUrl({ url: 'https://a.example' }, named)).toBe('https://a.example')
    expect(await resolveUrl({}, named)).toBe('https://b.example')
    expect(await resolveUrl({}, readEnvironment(running))).toBe('http://localhost:8797')
    expect(await resolveUrl({}, readEnvironment(NOWHERE))).toBe('http://localhost:8787')
    await rm(stateDir, { recursive: true })
  })

  it.each(['localhost:8787', 'ftp://a.example', 'sluice'])('refuses %s', async (url) => {
    await expect(resolveUrl({ url }, readEnvironment(NOWHERE))).rejects.toThrow(UsageError)
  })
})

describe('connect', () => {
  it('makes no token for another machine', async () => {
    const target = { url: 'https://sluice.example' }

    await expect(connect(target, readEnvironment(NOWHERE), NEVER)).rejects.toMatchObject({ code: 'unauthorized' })
  })

  it('needs nothing of the local cloud when a token is given', async () => {
    const client = await connect({ token: 'token' }, readEnvironment(NOWHERE), NEVER)

    expect(client.state).toBe('closed')
    client.close()
  })
})
