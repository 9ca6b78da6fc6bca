import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createAccessToken, readClaims } from '../../../web/client/access-token.ts'
import { type Client, createClient, type TokenRequest } from '../../../web/client/index.ts'
import { unsignedToken } from '../../helpers/access-tokens.ts'
import { answer } from '../../helpers/execution-events.ts'
import { problem, type ScriptedFrontDoor, startScriptedFrontDoor } from '../../helpers/scripted-front-door.ts'

const QUICK = { backoffMs: 1, backoffCapMs: 5 }
const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1_000) + seconds

describe('readClaims', () => {
  it('reads what a token says of itself, in any script', () => {
    expect(readClaims(unsignedToken({ sub: 'Ünal 🚢', exp: 7 }))).toMatchObject({ sub: 'Ünal 🚢', exp: 7 })
  })

  it.each(['token', 'a.b.c', '', 'a.bnVsbA.c'])('has nothing to say of %j', (text) => {
    expect(readClaims(text)).toEqual({})
  })
})

describe('createAccessToken', () => {
  it('refuses a token of somebody else', async () => {
    const subjects = ['ann', 'ann', 'bob']
    const token = createAccessToken(() => unsignedToken({ sub: subjects.shift() ?? '' }))
    await token.get()
    await token.get()
    await expect(token.get()).rejects.toMatchObject({ code: 'unauthorized' })
  })
})

describe('client', () => {
  let door: ScriptedFrontDoor
  let client: Client

  beforeEach(async () => {
    door = await startScriptedFrontDoor()
  })
  afterEach(async () => {
    client.close()
    await door.stop()
  })

  it('asks for another token once when one is refused', async () => {
    const requests: TokenRequest[] = []
    door.on('GET /v1/agents/a1', ({ headers }) =>
      headers.authorization === 'Bearer second' ? { body: { agentId: 'a1' } } : problem('unauthorized', 'the token has expired'),
    )
    const token = (request: TokenRequest): string => (requests.push(request) === 1 ? 'first' : 'second')
    client = createClient({ baseUrl: door.url, token })

    expect(await client.agent('a1')).toEqual({ agentId: 'a1' })
    expect(requests).toEqual([{ refresh: false }, { refresh: true }])
  })

  it('gives up after the second refusal, and at once with a fixed token', async () => {
    door.on('GET /v1/agents/a1', () => problem('unauthorized', 'no'))
    client = createClient({ baseUrl: door.url, token: () => 'any' })
    await expect(client.agent('a1')).rejects.toMatchObject({ code: 'unauthorized' })
    expect(door.requests).toHaveLength(2)
    await expect(createClient({ baseUrl: door.url, token: 'fixed' }).agent('a1')).rejects.toMatchObject({ status: 401 })
    expect(door.requests).toHaveLength(3)
  })

  it('shows a live socket the next token before the last one ends, without a gap', async () => {
    let expiresIn = 2
    const token = ({ refresh }: TokenRequest): string => {
      if (refresh) expiresIn = 3_600
      return unsignedToken({ exp: inSeconds(expiresIn) })
    }
    client = createClient({ baseUrl: door.url, token, timing: QUICK })
    const stream = client.execution('e1')
    const events = answer(['a', 'b'])
    const server = await door.connection()
    await server.confirm('s1')
    server.events('s1', events.slice(0, 2))
    const { id, payload } = await server.take('authenticate')
    expect(payload).toEqual({ ticket: 't2' })
    const expiresAt = new Date(inSeconds(3_600) * 1_000).toISOString()
    server.send({ message_type: 'authenticated', ...(id && { response_to: id }), payload: { connectionId: 'c1', expiresAt } })
    server.events('s1', events.slice(2))

    expect(await stream.done).toMatchObject({ text: 'ab' })
    expect(stream.stats.resumes).toBe(0)
  })

  it('takes another socket when the server refuses the next token', async () => {
    let expiresIn = 2
    const token = (): string => unsignedToken({ exp: inSeconds(expiresIn++) })
    client = createClient({ baseUrl: door.url, token, timing: QUICK })
    const stream = client.execution('e1')
    const first = await door.connection()
    await first.confirm('s1')
    const { id = '' } = await first.take('authenticate')
    first.send({ message_type: 'error', response_to: id, payload: { code: 'unauthorized', detail: 'no', retryable: false } })
    const second = await door.connection()
    await second.confirm('s2')
    second.events('s2', answer(['a']))

    expect(await stream.done).toMatchObject({ text: 'a' })
    await first.closed
  })

  it('takes another socket when the one it has may not subscribe any more, once', async () => {
    client = createClient({ baseUrl: door.url, token: 'token', timing: QUICK })
    const stream = client.execution('e1')
    const refuse = async (): Promise<void> => {
      const socket = await door.connection()
      const { id = '' } = await socket.take('subscribe')
      socket.send({ message_type: 'error', response_to: id, payload: { code: 'unauthorized', detail: 'over', retryable: false } })
    }
    await refuse()
    await refuse()

    await expect(stream.done).rejects.toMatchObject({ code: 'unauthorized' })
  })
})
