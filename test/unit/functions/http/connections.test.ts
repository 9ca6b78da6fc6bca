import { describe, expect, it } from 'vitest'
import { connectionListSchema } from '#shared/protocol/connection.ts'
import { aConnection, ada } from '../../../helpers/connections.ts'
import { httpCaller } from '../../../helpers/http-caller.ts'

async function somebodyIsThere() {
  const caller = httpCaller()
  const { presence, connections } = caller.dependencies
  for (const [tenant, connectionId] of [
    ['acme', 'c1'],
    ['acme', 'c2'],
    ['acme', 'c3'],
    ['other', 'foreign'],
  ] as const) {
    const connection = aConnection({ connectionId, principal: { ...ada, tenant } })
    await connections.put(connection)
    await presence.arrive({ tenant, connectionId })
  }
  await connections.addSubscription('c1', { tenant: 'acme', channel: 'topic:news' })
  return caller
}

describe('GET /v1/connections', () => {
  it('says who is there and how much they follow, page by page', async () => {
    const { call } = await somebodyIsThere()

    const first = connectionListSchema.parse((await call('GET', '/v1/connections', { query: { limit: '2' } })).body)
    const second = connectionListSchema.parse(
      (await call('GET', '/v1/connections', { query: { limit: '2', after: String(first.next) } })).body,
    )

    const all = [...first.connections, ...second.connections]
    expect(all.map(({ connectionId }) => connectionId)).toEqual(['c1', 'c2', 'c3'])
    expect(all[0]).toMatchObject({ subject: 'ada', subscriptions: 1, protocol: 'sluice.v1' })
    expect(second.next).toBeUndefined()
  })

  it('leaves out what has closed by now', async () => {
    const { call, dependencies } = await somebodyIsThere()
    await dependencies.connections.remove('c2')

    const { connections } = connectionListSchema.parse((await call('GET', '/v1/connections')).body)

    expect(connections.map(({ connectionId }) => connectionId)).toEqual(['c1', 'c3'])
  })

  it.each([
    ['a cursor of another tenant', { after: 'foreign' }, 200],
    ['a cursor that is none', { after: 'c1#/../x' }, 422],
    ['another tenant', { tenant: 'other' }, 422],
  ])('shows nothing of others with %s', async (_what, query, expected) => {
    const { call } = await somebodyIsThere()

    const { status, body } = await call('GET', '/v1/connections', { query })

    expect(status).toBe(expected)
    expect(JSON.stringify(body.connections ?? [])).not.toContain('foreign')
  })
})

describe('DELETE /v1/connections/{connectionId}', () => {
  it('has the connection closed', async () => {
    const { call, connectionTasks } = await somebodyIsThere()

    const { status, body } = await call('DELETE', '/v1/connections/c1')

    expect({ status, body }).toEqual({ status: 202, body: { connectionId: 'c1', status: 'closing' } })
    expect(connectionTasks.sent.map(({ task }) => task)).toEqual([{ task: 'close', tenant: 'acme', connectionId: 'c1' }])
  })

  it("tells another tenant's connection from none by nothing, and closes neither", async () => {
    const { call, connectionTasks } = await somebodyIsThere()

    const [foreign, none] = [await call('DELETE', '/v1/connections/foreign'), await call('DELETE', '/v1/connections/nobody')]

    expect(foreign.status).toBe(404)
    expect(JSON.stringify(foreign.body)).toBe(JSON.stringify(none.body).replaceAll('nobody', 'foreign'))
    expect(connectionTasks.sent).toEqual([])
  })
})

it.each([
  ['GET', '/v1/connections', 'connections:write'],
  ['DELETE', '/v1/connections/c1', 'connections:read'],
] as const)('%s %s needs its own scope', async (method, path, wrong) => {
  const { call, tokenOf } = await somebodyIsThere()

  expect((await call(method, path, { token: await tokenOf('acme', [wrong]) })).status).toBe(403)
})
