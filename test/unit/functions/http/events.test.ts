import { describe, expect, it } from 'vitest'
import { factPageSchema } from '#shared/protocol/execution.ts'
import type { LifecycleEventType } from '#shared/protocol/lifecycle-event.ts'
import { aFact, toldAt } from '../../../helpers/facts.ts'
import { httpCaller } from '../../../helpers/http-caller.ts'

const path = '/v1/events'
const minute = (minutes: number): string => new Date(Date.parse('2026-11-21T09:00:00Z') + minutes * 60_000).toISOString()

async function withFacts() {
  const caller = httpCaller()
  const tell = (channel: string, id: string, type: LifecycleEventType, time: string) =>
    caller.streamLog.appendNext({ tenant: 'acme', channel }, [toldAt(aFact({ id, type, time }), time)])
  await tell('all', 'f-0', 'agent.started', minute(0))
  await tell('all', 'f-1', 'execution.queued', minute(10))
  await tell('all', 'f-2', 'execution.started', minute(20))
  await tell('agent:assistant', 'f-2', 'execution.started', minute(20))
  return caller
}

describe('GET /v1/events', () => {
  it.each([
    ['everything', {}, ['f-0', 'f-1', 'f-2'], 2],
    ['a page', { limit: '1', after: '0' }, ['f-1'], 1],
    ['a type', { type: 'execution.started' }, ['f-2'], 2],
    ['the types that begin alike', { type: 'execution.' }, ['f-1', 'f-2'], 2],
    ['what happened since', { since: minute(10) }, ['f-1', 'f-2'], 2],
    ['what happened since, in another zone', { since: '2026-11-21T10:10:00+01:00' }, ['f-1', 'f-2'], 2],
    ['those of an agent', { agent: 'assistant' }, ['f-2'], 0],
    ['none of an unknown agent', { agent: 'nobody' }, [], -1],
  ])('gives %s', async (_what, query: Record<string, string>, ids, next) => {
    const { call } = await withFacts()

    const { status, body } = await call('GET', path, { query })

    const page = factPageSchema.parse(body)
    expect(status).toBe(200)
    expect(page.events.map(({ data }) => data.id)).toEqual(ids)
    expect(page.next).toBe(next)
  })

  it.each([
    ['type', 'agent.exploded'],
    ['type', 'agent'],
    ['type', ''],
    ['agent', 'a/b'],
    ['since', 'yesterday'],
    ['after', '-2'],
    ['limit', '1001'],
    ['tenant', 'globex'],
  ])('refuses %s=%s', async (name, value) => {
    const { call } = await withFacts()

    expect(await call('GET', path, { query: { [name]: value } })).toMatchObject({ status: 422 })
  })

  it('shows nothing of another tenant', async () => {
    const { call, tokenOf } = await withFacts()

    expect((await call('GET', path, { token: await tokenOf('globex') })).body).toEqual({ events: [], next: -1 })
  })

  it('needs the scopes of both that it speaks of', async () => {
    const { call, tokenOf } = await withFacts()

    for (const scope of ['agents:read', 'executions:read'] as const) {
      expect(await call('GET', path, { token: await tokenOf('acme', [scope]) })).toMatchObject({ status: 403 })
    }
  })
})
