import type { Context } from 'aws-lambda'
import { describe, expect, it } from 'vitest'
import { sealRecords } from '#shared/audit/seal-records.ts'
import { auditExportSchema, auditListSchema, auditVerificationSchema } from '#shared/protocol/audit.ts'
import type { Scope } from '#shared/protocol/scopes.ts'
import { createHandler } from '../../../../functions/http/create-handler.ts'
import { aRecord, DAY, stored } from '../../../helpers/audit.ts'
import { eventOf, httpCaller } from '../../../helpers/http-caller.ts'

const LLM = { provider: 'scripted', model: 'script-1' }
const SECRET = 'sk-proj-9f8A7b6C5d4E3f2G1h0I'

const anAgent = { agentId: 'support', name: 'Support', llm: LLM, autoStart: true }

describe('a request', () => {
  it('that changes something leaves a record, one that reads none', async () => {
    const { call, auditLog } = httpCaller()

    await call('POST', '/v1/agents', { body: anAgent })
    await call('GET', '/v1/agents')

    expect(auditLog.written).toHaveLength(1)
    expect(auditLog.written[0]).toMatchObject({
      tenant: 'acme',
      record: {
        subject: 'ada',
        door: 'http',
        action: 'createAgent',
        resource: '/v1/agents',
        outcome: 'accepted',
        status: 201,
        address: '127.0.0.1',
        userAgent: 'test',
        requestId: 'request-1',
        requestSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        afterSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    })
  })

  it('that was refused leaves its reason', async () => {
    const { call, auditLog, tokenOf } = httpCaller()
    await call('POST', '/v1/agents/nobody/pause')
    await call('POST', '/v1/agents', { body: { name: 1 } })
    await call('GET', '/v1/agents', { token: await tokenOf('acme', ['topics:read']) })
    await call('GET', '/v1/agents', { token: null })
    await call('DELETE', '/v1/agents/x', { token: 'no-token' })

    expect(auditLog.written.map(({ tenant, record: { action, outcome, code } }) => [tenant, action, outcome, code])).toEqual([
      ['acme', 'pauseAgent', 'refused', 'not_found'],
      ['acme', 'createAgent', 'refused', 'validation_error'],
      ['acme', 'listAgents', 'refused', 'forbidden'],
      ['-', 'listAgents', 'refused', 'unauthorized'],
      ['-', 'deleteAgent', 'refused', 'unauthorized'],
    ])
  })

  it('that fails on our side is recorded as that', async () => {
    const { agents } = httpCaller().dependencies
    const failing = { ...agents, create: () => Promise.reject(new Error('out of order')) }
    const { call, auditLog } = httpCaller({ agents: failing })

    await call('POST', '/v1/agents', { body: anAgent })

    expect(auditLog.written[0]?.record).toMatchObject({ outcome: 'failed', status: 500, code: 'internal' })
  })

  it('is answered when its record cannot be stored, and the log has it', async () => {
    const { call, auditLog, log } = httpCaller()
    auditLog.append = () => Promise.reject(new Error('the table is out of reach'))

    expect((await call('POST', '/v1/agents', { body: anAgent })).status).toBe(201)

    const [line] = log.lines.filter(({ code }) => code === 'audit_failed')
    expect(line).toMatchObject({ level: 'error', fields: { tenant: 'acme', record: { action: 'createAgent', subject: 'ada' } } })
  })

  it('is not answered before it is recorded', async () => {
    const { call, auditLog } = httpCaller()
    const store = Promise.withResolvers<void>()
    const reached = Promise.withResolvers<void>()
    auditLog.append = async () => {
      reached.resolve()
      await store.promise
    }
    let answered = false

    const answer = call('POST', '/v1/agents', { body: anAgent }).finally(() => {
      answered = true
    })
    await reached.promise
    await new Promise((resolve) => setImmediate(resolve))
    expect(answered).toBe(false)
    store.resolve()

    expect((await answer).status).toBe(201)
  })

  it('leaves nothing of what it carries, wherever that stands', async () => {
    const { call, auditLog, log } = httpCaller()
    const token = `eyJhbGciOiJIUzI1NiJ9.${SECRET}.sig`
    const body = { name: SECRET, llm: LLM, systemPrompt: SECRET, secret: SECRET }
    await call('POST', `/v1/agents/${SECRET}/start`, { query: { ticket: SECRET } })
    await call('POST', '/v1/agents', { body, headers: { 'x-secret': SECRET, cookie: SECRET, 'idempotency-key': SECRET } })
    await call('POST', '/v1/agents', { body: SECRET, token })
    await call('PATCH', `/v1/agents/${encodeURIComponent(SECRET)}`, { body, headers: { 'x-api-key': SECRET }, token: null })
    await call('POST', '/graphql', {
      body: { query: 'mutation M($id: ID!) { cancelExecution(executionId: $id) { status } }', variables: { id: SECRET } },
    })

    expect(auditLog.written.length).toBeGreaterThanOrEqual(4)
    expect(JSON.stringify([auditLog.written, log.lines])).not.toContain(SECRET)
  })

  it('in GraphQL leaves a record for each field that changes something, and for those that were not let in', async () => {
    const { call, auditLog, tokenOf } = httpCaller()
    await call('POST', '/v1/agents', { body: anAgent })
    const query = `mutation { one: createExecution(input: { agentId: "support", input: { content: "Hi" } }) { executionId }
      two: createExecution(input: { agentId: "nobody", input: { content: "Hi" } }) { executionId } }`
    await call('POST', '/graphql', { body: { query } })
    await call('POST', '/graphql', { body: { query: '{ agents { nodes { agentId } } }' } })
    await call('POST', '/graphql', {
      body: { query: '{ agents { nodes { agentId } } }' },
      token: await tokenOf('acme', ['topics:read']),
    })

    const records = auditLog.written.slice(1).map(({ record: { door, action, code } }) => [door, action, code])
    expect(records).toEqual([
      ['graphql', 'createExecution', undefined],
      ['graphql', 'createExecution', 'not_found'],
      ['graphql', 'agents', 'forbidden'],
    ])
  })

  it('in GraphQL hides nothing in fragments', async () => {
    const { call, auditLog } = httpCaller()
    await call('POST', '/v1/agents', { body: anAgent })
    const query = `mutation { ...A ...A ... on Mutation { ask: createExecution(input: { agentId: "nobody", input: 1 }) { executionId } } }
      fragment A on Mutation { changeAgent(agentId: "support", verb: stop) { status } ...B }
      fragment B on Mutation { __typename }`
    await call('POST', '/graphql', { body: { query } })

    const records = auditLog.written.slice(1).map(({ record: { action, code } }) => [action, code])
    expect(records).toEqual([
      ['changeAgent', undefined],
      ['__typename', undefined],
      ['createExecution', 'not_found'],
    ])
  })

  it('in GraphQL is recorded as a whole when its time is up before its fields are', async () => {
    const { dependencies, auditLog, tokenOf } = httpCaller()
    const agents = { ...dependencies.agents, get: () => new Promise<undefined>(() => {}) }
    const handler = createHandler({ ...dependencies, agents })
    const query = 'mutation { createExecution(input: { agentId: "support", input: 1 }) { executionId } }'
    const event = eventOf('POST', '/graphql', { body: { query } }, await tokenOf())

    const { statusCode } = await handler(event, { getRemainingTimeInMillis: () => 600 } as Context)

    expect(statusCode).toBe(504)
    expect(auditLog.written).toMatchObject([{ record: { action: 'graphql', outcome: 'failed', code: 'timeout' } }])
  })

  it('in which a password stands leaves not even its digest', async () => {
    const { call, auditLog } = httpCaller()
    await call('POST', '/v1/agents', { body: { ...anAgent, config: { password: 'hunter2' } } })

    expect(auditLog.written[0]?.record).toMatchObject({ action: 'createAgent', code: 'secret_in_request' })
    expect(auditLog.written[0]?.record).not.toHaveProperty('requestSha256')
  })
})

describe('GET /v1/audit', () => {
  async function withRecords() {
    const world = httpCaller()
    const at = (time: string, overrides = {}) => world.auditLog.append('acme', aRecord({ time, ...overrides }))
    await at(`${DAY}T09:00:00.000Z`, { action: 'createAgent', resource: '/v1/agents/one' })
    await at(`${DAY}T08:00:00.000Z`, { subject: 'bob', outcome: 'refused', status: 403 })
    await at('2026-11-20T23:59:59.999Z', { action: 'deleteAgent' })
    await at('2026-11-19T12:00:00.000Z')
    await world.auditLog.append('other', aRecord({ time: `${DAY}T09:00:00.000Z`, subject: 'mallory' }))
    const list = async (query: Record<string, string> = {}) => {
      const { status, body } = await world.call('GET', '/v1/audit', { query })
      return { status, ...(status === 200 ? auditListSchema.parse(body) : { records: [], next: undefined }) }
    }
    return { ...world, list }
  }

  it('shows the last day of the tenant, newest first', async () => {
    const { list } = await withRecords()

    const { records, next } = await list()

    expect(records.map(({ time }) => time)).toEqual([`${DAY}T09:00:00.000Z`, `${DAY}T08:00:00.000Z`, '2026-11-20T23:59:59.999Z'])
    expect(next).toBeUndefined()
  })

  it.each([
    [{ subject: 'bob' }, 1],
    [{ action: 'createAgent' }, 1],
    [{ outcome: 'refused' }, 1],
    [{ resource: '/v1/agents/o' }, 1],
    [{ resource: 'agents' }, 0],
    [{ from: '2026-11-19T00:00:00Z' }, 4],
    [{ from: '2026-11-19T00:00:00Z', to: '2026-11-20T01:00:00+01:00' }, 1],
    [{ from: `${DAY}T08:00:00.000Z`, to: `${DAY}T08:00:00.000Z` }, 1],
  ])('finds what %j asks for', async (query, count) => {
    const { list } = await withRecords()

    expect((await list(query)).records).toHaveLength(count)
  })

  it('goes from page to page, over days', async () => {
    const { list } = await withRecords()
    const query = { from: '2026-11-19T00:00:00Z', to: `${DAY}T09:30:00Z`, limit: '1', fields: 'time,action' }
    const times: (string | undefined)[] = []
    let after: string | undefined
    do {
      const page = await list({ ...query, ...(after !== undefined && { after }) })
      times.push(...page.records.map(({ time }) => time))
      for (const record of page.records) expect(Object.keys(record).toSorted()).toEqual(['action', 'time'])
      after = page.next
    } while (after !== undefined)

    expect(times).toHaveLength(4)
    expect(times).toEqual(times.toSorted().toReversed())
  })

  const cursor = (text: string) => Buffer.from(text).toString('base64url')
  it.each([
    [{ from: '2026-10-01T00:00:00Z' }],
    [{ from: `${DAY}T10:00:00Z`, to: `${DAY}T09:00:00Z` }],
    [{ from: 'yesterday' }],
    [{ from: '9999-12-31T23:59:59-12:00', to: '9999-12-31T23:59:59-12:00' }],
    [{ to: '0000-01-01T00:00:00+12:00' }],
    [{ limit: '0' }],
    [{ fields: 'time,password' }],
    [{ tenant: 'other' }],
    [{ after: 'x' }],
    [{ after: cursor('SEAL#000000000') }],
    [{ after: cursor('2026-01-01T00:00:00.000Z#01890a5d-ac96-774b-bcce-b302099a8057') }],
    [{ after: cursor('9999-99-99T99:99:99.999Z#01890a5d-ac96-774b-bcce-b302099a8057') }],
  ])('refuses %j', async (query: Record<string, string>) => {
    const { list } = await withRecords()

    expect((await list(query)).status).toBe(422)
  })

  it('stops looking after a while, and goes on from there', async () => {
    const { auditLog, list } = await withRecords()
    const start = Date.parse(`${DAY}T08:10:00Z`)
    for (let index = 0; index < 2_500; index += 1)
      await auditLog.append('acme', aRecord({ time: new Date(start + index).toISOString(), action: 'noise' }))

    const first = await list({ subject: 'bob' })
    const second = await list({ subject: 'bob', after: first.next ?? '' })

    expect(first).toMatchObject({ records: [], next: expect.any(String) })
    expect(second.records).toHaveLength(1)
  })
})

it.each<[string, string, Scope[]]>([
  ['GET', '/v1/audit', ['audit:write', 'agents:read']],
  ['GET', `/v1/audit/${DAY}/verification`, ['audit:write']],
  ['POST', '/v1/audit/exports', ['audit:read']],
  ['GET', '/v1/audit/exports/01890a5d-ac96-774b-bcce-b302099a8057', ['audit:write']],
])('%s %s needs its scope', async (method, path, scopes) => {
  const { call, tokenOf } = httpCaller()

  const answer = await call(method, path, { token: await tokenOf('acme', scopes), body: { from: DAY, to: DAY } })

  expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } })
})

describe('GET /v1/audit/{day}/verification', () => {
  it('says whether a day is what it was, to its tenant alone', async () => {
    const { call, tokenOf, auditLog, dependencies } = httpCaller()
    const record = stored(aRecord({ time: `${DAY}T09:29:00.000Z` }))
    const day = auditLog.day('acme', DAY)
    day.records.push(record)
    await sealRecords({ seals: auditLog, clock: dependencies.clock }, { tenant: 'acme', day: DAY }, [record])
    const verify = async (tenant = 'acme') => {
      const { body } = await call('GET', `/v1/audit/${DAY}/verification`, { token: await tokenOf(tenant) })
      return auditVerificationSchema.parse(body)
    }

    expect(await verify()).toMatchObject({ intact: true, records: 1, seals: 1 })
    Object.assign(day.records, { 0: { ...record, content: { ...record.content, subject: 'eve' } } })

    expect(await verify()).toMatchObject({ intact: false, findings: [{ kind: 'changed', place: record.place }] })
    expect(await verify('other')).toMatchObject({ intact: true, records: 0 })
    expect((await call('GET', '/v1/audit/2026-02-30/verification')).status).toBe(422)
  })
})

describe('POST /v1/audit/exports', () => {
  it('asks for days, which is itself recorded', async () => {
    const { call, tokenOf, connectionTasks, auditLog } = httpCaller()

    const { status, body, headers } = await call('POST', '/v1/audit/exports', { body: { from: '2026-11-20', to: DAY } })

    const { exportId, ...asked } = auditExportSchema.parse(body)
    expect({ status, asked }).toMatchObject({ status: 202, asked: { status: 'requested', from: '2026-11-20', to: DAY } })
    expect(headers.location).toBe(`/v1/audit/exports/${exportId}`)
    expect(connectionTasks.sent.map(({ task }) => task)).toEqual([
      { task: 'export_audit', tenant: 'acme', exportId, from: '2026-11-20', to: DAY },
    ])
    expect(auditLog.written.map(({ record }) => record.action)).toEqual(['createAuditExport'])
    expect((await call('GET', `/v1/audit/exports/${exportId}`)).body).toMatchObject({ status: 'requested' })
    expect((await call('GET', `/v1/audit/exports/${exportId}`, { token: await tokenOf('other') })).status).toBe(404)
  })

  it.each([
    [{ from: DAY, to: '2026-11-20' }],
    [{ from: '2026-10-20', to: DAY }],
    [{ from: DAY, to: '2026-11-22' }],
    [{ from: DAY }],
    [{ from: DAY, to: DAY, tenant: 'other' }],
  ])('refuses %j', async (body) => {
    const { call, connectionTasks } = httpCaller()

    expect((await call('POST', '/v1/audit/exports', { body })).status).toBe(422)
    expect(connectionTasks.sent).toEqual([])
  })
})
