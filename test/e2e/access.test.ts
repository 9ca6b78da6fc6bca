import { createHmac } from 'node:crypto'
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '#shared/platform/ids.ts'
import { OUTPUT, platformName, serviceSecretName } from '#shared/platform/names.ts'
import { executionChannel } from '#shared/protocol/channel.ts'
import { putSecret } from '../../localstack/secrets.ts'
import { type CloudContents, cloudContents } from '../helpers/cloud-contents.ts'
import { deployedCloud, eventually } from '../helpers/deployed-cloud.ts'
import { openEventStream } from '../helpers/event-stream.ts'
import { type Offer, openSocket, refusedWith, ticketOffer } from '../helpers/raw-socket.ts'

const claims = (overrides: object = {}) => ({
  iss: 'sluice',
  aud: 'sluice',
  sub: 'mallory',
  tenant: 'default',
  scope: 'agents:read executions:read executions:write topics:read',
  exp: Math.floor(Date.now() / 1_000) + 600,
  ...overrides,
})
const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A token made by hand, as an attacker would. */
function forged(payload: object, { alg = 'HS256', secret = '' }: { alg?: string; secret?: string } = {}): string {
  const signed = `${encoded({ alg, typ: 'JWT' })}.${encoded(payload)}`
  return `${signed}.${alg === 'none' ? '' : createHmac('sha256', secret).update(signed).digest('base64url')}`
}

describe('access', () => {
  const cloud = deployedCloud()
  const other = { tenant: 'other', subject: 'eve' }
  const aws = {
    endpoint: cloud.endpointUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  }
  const secrets = new SecretsManagerClient(aws)
  const tokenSecret = { SecretId: cloud.output(OUTPUT.tokenSecretName) }
  const bearer = (token: string | undefined): Record<string, string> =>
    token === undefined ? {} : { authorization: `Bearer ${token}` }

  /** One call with this token, or with none. */
  async function call(token: string | undefined, method = 'GET', path = '/v1/agents') {
    const response = await fetch(new URL(path, cloud.frontDoorUrl), { method, headers: bearer(token) })
    return { status: response.status, text: await response.text() }
  }
  const follow = (executionId: string, ticket: string) =>
    openEventStream(cloud.frontDoorUrl, { path: `/streams/executions/${executionId}`, ticket })
  const socketOf = async (caller?: Parameters<typeof cloud.ticket>[0]) =>
    openSocket(cloud.frontDoorUrl, ticketOffer(await cloud.ticket(caller)))

  describe('a token of another tenant', () => {
    const [agentId, topic] = [`secret-${newId()}`, `secret-${newId()}`]
    let executionId = ''
    beforeAll(async () => {
      const llm = { provider: 'openai', service: 'demo', model: 'scripted-1' }
      await cloud.call('POST', '/v1/agents', { body: { agentId, name: 'Secret', topics: [topic], llm, autoStart: true } })
      executionId = await cloud.ask(agentId, 'Say hello in one sentence.')
    })

    it('finds nothing over HTTP', async () => {
      const list = await cloud.call('GET', '/v1/agents', { caller: other })
      const asked = await cloud.call('POST', '/v1/executions', {
        caller: other,
        body: { agentId, input: { content: 'Who are you?' } },
      })

      expect(list).toMatchObject({ status: 200, body: { agents: [] } })
      expect(asked).toMatchObject({ status: 404, body: { code: 'not_found' } })
      for (const path of [`agents/${agentId}`, `executions/${executionId}`, `executions/${executionId}/events`]) {
        expect((await cloud.call('GET', `/v1/${path}`)).status).toBe(200)
        expect(await cloud.call('GET', `/v1/${path}`, { caller: other })).toMatchObject({
          status: 404,
          body: { code: 'not_found' },
        })
      }
    })

    it('follows nothing on the socket or by server-sent events', async () => {
      const socket = await socketOf(other)
      socket.send({ message_type: 'subscribe', id: 's1', payload: { channel: executionChannel(executionId) } })
      const error = await socket.next('error')
      socket.send({ message_type: 'agent_request', id: 'r1', payload: { agentId, input: { content: 'Hello?' } } })
      const asked = await socket.next('error')
      const stream = await follow(executionId, await cloud.ticket(other))

      expect(error).toMatchObject({ response_to: 's1', payload: { code: 'not_found' } })
      expect(asked).toMatchObject({ response_to: 'r1', payload: { code: 'not_found' } })
      expect(stream.status).toBe(404)
      expect(await stream.problem()).toMatchObject({ code: 'not_found' })
    })

    it('shares no topic, whoever publishes', async () => {
      const [ours, theirs] = [await socketOf(), await socketOf(other)]
      const subscriptions: string[] = []
      for (const socket of [ours, theirs]) {
        socket.send({ message_type: 'subscribe', payload: { topic, after: -1 } })
        subscriptions.push((await socket.next('subscription_confirmed')).payload.subscription)
      }
      const [ourId = '', theirId = ''] = subscriptions

      await cloud.call('POST', `/v1/topics/${topic}/messages`, { body: { data: 'ours' } })
      await cloud.call('POST', `/v1/topics/${topic}/messages`, { caller: other, body: { data: 'theirs' } })
      await ours.untilEvent(ourId, () => true)
      await theirs.untilEvent(theirId, () => true)

      expect(ours.eventsOf(ourId)).toMatchObject([{ sequence: 0, data: { data: 'ours' } }])
      expect(theirs.eventsOf(theirId)).toMatchObject([{ sequence: 0, data: { data: 'theirs' } }])
    })
  })

  describe.each<[string, () => Promise<string | undefined>]>([
    ['no token', async () => undefined],
    ['a token that has expired', () => cloud.token({ expiresInSeconds: -60 })],
    ['a token of another secret', async () => forged(claims(), { secret: 'a secret of at least thirty-two characters' })],
    ['a token without algorithm', async () => forged(claims(), { alg: 'none' })],
    ['a token without signature', async () => (await cloud.token()).replace(/[^.]+$/, '')],
    [
      'a token whose tenant was changed',
      async () => {
        const [head, , signature] = (await cloud.token()).split('.')
        return [head, encoded(claims({ tenant: 'other' })), signature].join('.')
      },
    ],
  ])('%s', (_what, make) => {
    it('is refused at every door', async () => {
      const token = await make()
      const execution = await cloud.ask('assistant', 'Say hello in one sentence.')

      for (const [method, path] of [
        ['GET', '/v1/agents'],
        ['POST', '/v1/executions'],
        ['POST', '/v1/tickets'],
      ] as const) {
        const { status, text } = await call(token, method, path)
        expect({ status, code: JSON.parse(text).code }).toEqual({ status: 401, code: 'unauthorized' })
      }
      const offers: Offer[] = [
        { headers: bearer(token) },
        { ...(token && ticketOffer(token)) },
        { query: { ticket: token ?? '' } },
      ]
      for (const offer of offers) expect(await refusedWith(cloud.frontDoorUrl, offer)).toBe(401)
      const stream = await follow(execution, token ?? '')
      expect(stream.status).toBe(401)
      expect(await stream.problem()).toMatchObject({ code: 'unauthorized' })
    })
  })

  it('needs the scope at every door', async () => {
    const caller = { scopes: ['agents:read', 'topics:publish'] } as const
    const executionId = await cloud.ask('assistant', 'Say hello in one sentence.')
    const socket = await socketOf(caller)
    const frames = [
      { message_type: 'subscribe', payload: { channel: executionChannel(executionId) } },
      { message_type: 'subscribe', payload: { topic: 'questions' } },
      { message_type: 'agent_request', payload: { agentId: 'assistant', input: { content: 'Hello?' } } },
    ]

    expect((await cloud.call('GET', '/v1/agents', { caller })).status).toBe(200)
    for (const path of [`/v1/executions/${executionId}`, `/v1/executions/${executionId}/events`]) {
      expect(await cloud.call('GET', path, { caller })).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    }
    for (const frame of frames) {
      socket.send(frame)
      expect(await socket.next('error')).toMatchObject({ payload: { code: 'forbidden', retryable: false } })
    }
    const stream = await follow(executionId, await cloud.ticket(caller))
    expect(stream.status).toBe(403)
    expect(await stream.problem()).toMatchObject({ code: 'forbidden' })
  })

  it('takes a ticket for one socket, or for one stream, which it opens again', async () => {
    const [executionId, other] = [await cloud.ask('assistant', 'Say hello.'), await cloud.ask('assistant', 'Say goodbye.')]
    const [forSocket, forStream] = [await cloud.ticket(), await cloud.ticket()]
    await openSocket(cloud.frontDoorUrl, ticketOffer(forSocket))
    const events = await (await follow(executionId, forStream)).all()

    for (const used of [forSocket, forStream]) {
      expect(await refusedWith(cloud.frontDoorUrl, ticketOffer(used))).toBe(401)
      expect((await follow(other, used)).status).toBe(401)
    }
    expect((await follow(executionId, forSocket)).status).toBe(401)
    expect(await (await follow(executionId, forStream)).all()).toEqual(events)
    expect((await call(await cloud.ticket())).status).toBe(401)
  })

  it('takes an API key at every door, until it is revoked', async () => {
    const made = await cloud.call('POST', '/v1/api-keys', { body: { name: 'e2e', roles: ['user'] } })
    const { key, keyId } = made.body as { key: string; keyId: string }
    const executionId = await cloud.ask('assistant', 'Say hello in one sentence.')
    const path = `/streams/executions/${executionId}`
    const header = { 'x-api-key': key }
    const statusOf = async (target: string) => (await fetch(new URL(target, cloud.frontDoorUrl), { headers: header })).status

    expect(made.status).toBe(201)
    expect((await call(key)).status).toBe(200)
    expect(await statusOf('/v1/agents')).toBe(200)
    expect((await call(key, 'GET', '/v1/api-keys')).status).toBe(403)
    expect((await openEventStream(cloud.frontDoorUrl, { path, headers: header })).status).toBe(200)
    const socket = await openSocket(cloud.frontDoorUrl, { headers: bearer(key) })
    socket.send({ message_type: 'ping', id: 'p1' })
    expect(await socket.next('pong')).toMatchObject({ response_to: 'p1' })

    expect((await call(await cloud.token(), 'DELETE', `/v1/api-keys/${keyId}`)).status).toBe(204)
    await eventually(async () => ((await call(key)).status === 401 ? true : undefined))
    // Each function has a memory of its own.
    await eventually(async () => ((await refusedWith(cloud.frontDoorUrl, { headers: bearer(key) })) === 401 ? true : undefined))
  })

  it('binds a ticket to one execution', async () => {
    const [own, other] = [await cloud.ask('assistant', 'Say hello.'), await cloud.ask('assistant', 'Say goodbye.')]
    const bound = async () => {
      const { status, body } = await cloud.call('POST', '/v1/tickets', { body: { executionId: own } })
      expect(status).toBe(201)
      return String(body.ticket)
    }
    const socket = await openSocket(cloud.frontDoorUrl, ticketOffer(await bound()))
    for (const frame of [
      { message_type: 'subscribe', payload: { channel: executionChannel(other) } },
      { message_type: 'agent_request', payload: { agentId: 'assistant', input: { content: 'Hello?' } } },
      { message_type: 'cancel', payload: { executionId: own } },
    ]) {
      socket.send(frame)
      expect(await socket.next('error')).toMatchObject({ payload: { code: 'forbidden' } })
    }
    socket.send({ message_type: 'subscribe', payload: { channel: executionChannel(own) } })
    expect(await socket.next('subscription_confirmed')).toMatchObject({ payload: { channel: executionChannel(own) } })
    expect((await follow(other, await bound())).status).toBe(403)
    expect((await follow(own, await bound())).status).toBe(200)
    expect(
      (await cloud.call('POST', '/v1/tickets', { caller: { tenant: 'other', subject: 'eve' }, body: { executionId: own } }))
        .status,
    ).toBe(404)
  })

  it('rotates its secret while old and new tokens are used', async () => {
    const { SecretString: old = '' } = await secrets.send(new GetSecretValueCommand(tokenSecret))
    const oldToken = await cloud.token()
    expect((await call(oldToken)).status).toBe(200)

    await secrets.send(new PutSecretValueCommand({ ...tokenSecret, SecretString: `${newId()}${newId()}` }))
    // Signed with the new one; the functions are warm. A refusal asks for fresh secrets, unless one did within five seconds.
    const newToken = await cloud.token()
    await eventually(async () => ((await call(newToken)).status === 200 ? true : undefined))
    expect((await call(oldToken)).status).toBe(200)

    await secrets.send(new PutSecretValueCommand({ ...tokenSecret, SecretString: old }))
    expect((await call(oldToken)).status).toBe(200)
  })

  it('has no local sign-in for a page of another origin', async () => {
    const body = JSON.stringify({ subject: 'eve', tenant: 'default', role: 'admin' })
    const headers = { 'content-type': 'application/json', origin: 'https://evil.example' }
    const answer = await fetch(new URL('/local/sign-in', cloud.frontDoorUrl), { method: 'POST', headers, body })

    expect(answer.status).toBe(403)
    expect(await answer.text()).not.toContain('token"')
  })

  describe('with an empty token secret', () => {
    let [secret, token] = ['', '']
    /** The functions keep a secret for a minute: only new containers see at once that it has changed. */
    async function put(SecretString: string): Promise<void> {
      await secrets.send(new PutSecretValueCommand({ ...tokenSecret, SecretString }))
      for (const name of ['http', 'socket'] as const) await cloud.redirect(name, undefined)
    }
    beforeAll(async () => {
      secret = (await secrets.send(new GetSecretValueCommand(tokenSecret))).SecretString ?? ''
      token = await cloud.token()
      await put('')
      await eventually(async () => ((await call(token)).status === 200 ? undefined : true))
    })
    afterAll(async () => {
      await put(secret)
      await eventually(async () => ((await call(token)).status === 200 ? true : undefined))
    })

    it('lets nobody in, with good tokens or with those that anybody can sign', async () => {
      for (const bad of [token, forged(claims()), forged(claims(), { alg: 'none' })]) {
        for (const path of ['/v1/agents', '/v1/executions/e1']) {
          const { status, text } = await call(bad, 'GET', path)
          expect({ status, code: JSON.parse(text).code }).toEqual({ status: 500, code: 'internal' })
          expect(text).not.toContain('secret')
        }
        expect((await call(bad, 'POST', '/v1/tickets')).status).toBe(500)
        expect(await refusedWith(cloud.frontDoorUrl, { headers: bearer(bad) })).toBe(401)
      }
    })

    it('says so to whoever asks for its health', async () => {
      // A new container may take longer for its first look at the others than they have.
      const dependency = await eventually(async () => {
        const { status, text } = await call(undefined, 'GET', '/ready')
        expect(status).toBe(503)
        const unwell = JSON.parse(text).dependencies.filter((each: { status: string }) => each.status !== 'ok')
        return unwell.length === 1 ? unwell[0] : undefined
      })

      expect(dependency.name).toBe('token secret')
    })
  })

  describe('secrets', () => {
    const [key, service] = [`planted-${newId()}`, `planted-${newId()}`]
    const answers: string[] = []
    let contents: CloudContents
    let planted: string[]
    beforeAll(async () => {
      const { SecretString = '' } = await secrets.send(new GetSecretValueCommand(tokenSecret))
      const secretName = serviceSecretName(platformName('local'), service)
      const agentId = `planted-${newId()}`
      const llm = { provider: 'openai', service, model: 'scripted-1' }
      // An address where nothing good answers: errors are where keys get out.
      await putSecret(secrets, secretName, JSON.stringify({ apiKey: key, baseUrl: `${cloud.endpointUrl}/nowhere/${key}` }))
      await cloud.call('POST', '/v1/agents', { body: { agentId, name: 'Planted', topics: [], llm, autoStart: true } })
      const executionId = await cloud.ask(agentId, 'What is your key?')
      const record = await eventually(async () => {
        const { body } = await cloud.call('GET', `/v1/executions/${executionId}`)
        return body.endedAt === undefined ? undefined : body
      })
      expect(record).toMatchObject({ status: 'failed' })
      const [ticket, token] = [await cloud.ticket(), await cloud.token()]
      answers.push(JSON.stringify(record))
      for (const path of [
        `/streams/executions/${executionId}?ticket=${ticket}`,
        `/v1/executions/${executionId}/events`,
        '/v1/agents',
        `/v1/agents/${agentId}`,
        `/v1/agents/${agentId}/configuration`,
        '/v1/providers',
        '/v1/secrets',
        '/v1/audit',
        '/health',
        '/ready',
      ]) {
        answers.push((await call(token, 'GET', path)).text)
      }
      planted = [SecretString, key, ticket, token, token.split('.').at(-1) ?? '']
      const tables = [OUTPUT.registryTable, OUTPUT.executionsTable, OUTPUT.streamsTable, OUTPUT.auditTable].map(cloud.output)
      contents = await eventually(async () => {
        const found = await cloudContents(cloud.endpointUrl, tables)
        return found.logs.includes(executionId) ? found : undefined
      })
      // The places that were searched are the right ones.
      expect(contents.tables).toContain(executionId)
      expect(contents.environments).toContain(tokenSecret.SecretId)
      expect(contents.templates).toContain('AWS::Lambda::Function')
      // Its pause and its breaker stand there, by a fingerprint.
      expect(contents.tables).toContain(service)
    })

    it.each(['tables', 'environments', 'logs', 'templates'] as const)('never stand in %s', (place) => {
      for (const value of planted) {
        expect(value.length).toBeGreaterThan(20)
        expect(contents[place]).not.toContain(value)
      }
    })

    it('never stand in answers', () => {
      expect(answers.join('\n')).toContain('event: failed')
      for (const value of planted) expect(answers.join('\n')).not.toContain(value)
    })
  })
})
