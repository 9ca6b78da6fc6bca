import { describe, expect, it } from 'vitest'
import type { Erasure } from '#shared/erasure/erasure.ts'
import { memoryLimits } from '#shared/limits/memory-limits.ts'
import { memoryLog } from '#shared/platform/log.ts'
import { erasureAcceptedSchema, erasureSchema } from '#shared/protocol/erasure.ts'
import { httpCaller } from '../../../helpers/http-caller.ts'

const clock = { now: () => Date.parse('2026-11-21T09:30:00Z') }
const UNKNOWN = '018f9a50-0000-7000-8000-000000000000'

async function erased() {
  const caller = httpCaller()
  const { body } = await caller.call('POST', '/v1/tenant/erasure', { body: { confirm: 'acme' } })
  return { ...caller, ...erasureAcceptedSchema.parse(body) }
}

describe('POST /v1/tenant/erasure', () => {
  it('closes the tenant and begins, and says where to look', async () => {
    const { call, dependencies, erasureQueue } = httpCaller()

    const answer = await call('POST', '/v1/tenant/erasure', { body: { confirm: 'acme' } })

    const { erasureId, links } = erasureAcceptedSchema.parse(answer.body)
    expect(answer).toMatchObject({ status: 202, headers: { location: `/v1/tenant/erasures/${erasureId}` } })
    expect(links.self).toBe(`/v1/tenant/erasures/${erasureId}`)
    expect(erasureQueue.sent).toEqual([{ erasureId, delaySeconds: 0 }])
    expect(await dependencies.tenantGate.isClosed('acme')).toBe(true)
    expect(await dependencies.tenantGate.isClosed('acme-b')).toBe(false)
  })

  it.each([
    ['another tenant', { confirm: 'acme-b' }, 422],
    ['the beginning of the name', { confirm: 'acm' }, 422],
    ['nothing', {}, 422],
    ['a tenant beside it', { confirm: 'acme', tenant: 'umbrella' }, 422],
  ])('does nothing where the body confirms %s', async (_, body, status) => {
    const { call, dependencies, erasureQueue } = httpCaller()

    const answer = await call('POST', '/v1/tenant/erasure', { body })

    expect(answer.status).toBe(status)
    expect(answer.body.code).toBe('validation_error')
    expect(erasureQueue.sent).toEqual([])
    expect(await dependencies.tenantGate.isClosed('acme')).toBe(false)
  })

  it('takes its own scope, which nothing else stands for', async () => {
    const { call, tokenOf, erasureQueue } = httpCaller()
    const token = await tokenOf('acme', ['agents:write', 'executions:write', 'keys:write', 'audit:write'])

    expect((await call('POST', '/v1/tenant/erasure', { body: { confirm: 'acme' }, token })).status).toBe(403)
    expect((await call('GET', `/v1/tenant/erasures/${UNKNOWN}`, { token })).status).toBe(403)
    expect(erasureQueue.sent).toEqual([])
  })

  it('is limited like every other request', async () => {
    const { call, tokenOf } = httpCaller(memoryLimits(clock, memoryLog(), { requestsPerMinute: 1 }))
    const token = await tokenOf('acme', ['agents:read'])
    const look = () => call('GET', `/v1/tenant/erasures/${UNKNOWN}`, { token })

    expect([(await look()).status, (await look()).status]).toEqual([403, 429])
  })

  it('refuses a tenant whose agents the stage would register again', async () => {
    const { call, tokenOf } = httpCaller({ declaredAgents: ['echo'] })
    const token = await tokenOf('default')

    const { status, body } = await call('POST', '/v1/tenant/erasure', { body: { confirm: 'default' }, token })

    expect({ status, code: body.code }).toEqual({ status: 409, code: 'invalid_state' })
  })

  describe('again', () => {
    function asking() {
      const { call, dependencies, erasureQueue } = httpCaller()
      const ask = async (key?: string) => {
        const headers = key === undefined ? {} : { 'idempotency-key': key }
        const { body } = await call('POST', '/v1/tenant/erasure', { body: { confirm: 'acme' }, headers })
        return erasureAcceptedSchema.parse(body).erasureId
      }
      const change = async (erasureId: string, change: Partial<Erasure>) => {
        const standing = await dependencies.erasures.get(erasureId)
        if (standing) await dependencies.erasures.save({ ...standing, ...change, revision: standing.revision + 1 })
      }
      return { ask, change, erasureQueue }
    }

    it('gives the one that goes on, whoever asks under whatever key: looking at everything is dear', async () => {
      const { ask, change, erasureQueue } = asking()
      const first = await ask('k')
      await change(first, { closedAt: '2026-11-21T09:30:01.000Z' })

      expect([await ask('k'), await ask('other'), await ask()]).toEqual([first, first, first])
      expect(erasureQueue.sent).toHaveLength(1)
    })

    it('begins one that a crash kept from beginning', async () => {
      const { ask, erasureQueue } = asking()
      const first = await ask()
      erasureQueue.sent.length = 0

      expect(await ask()).toBe(first)
      expect(erasureQueue.sent).toEqual([{ erasureId: first, delaySeconds: 0 }])
    })

    it('makes another one when it has ended, but for the same key', async () => {
      const { ask, change } = asking()
      const first = await ask('k')
      await change(first, { status: 'failed' })

      expect(await ask('k')).toBe(first)
      expect(await ask('other')).not.toBe(first)
    })
  })
})

describe('a closed tenant', () => {
  it('can look at its erasure and do nothing else, and leaves no trace of trying', async () => {
    const { call, erasureId, auditLog, dependencies } = await erased()
    const before = auditLog.written.length

    const looked = await call('GET', `/v1/tenant/erasures/${erasureId}`)
    const refused = [
      await call('GET', '/v1/agents'),
      await call('POST', '/v1/agents', { body: {} }),
      await call('POST', '/v1/tickets'),
      await call('POST', '/graphql', { body: { query: '{ agents { next } }' } }),
    ]

    expect(erasureSchema.parse(looked.body)).toMatchObject({ erasureId, tenant: 'acme', status: 'stopping', requestedBy: 'ada' })
    for (const { status, body } of refused) expect({ status, code: body.code }).toEqual({ status: 403, code: 'forbidden' })
    expect(auditLog.written).toHaveLength(before)
    expect(await dependencies.agents.list('acme', { limit: 10 })).toEqual({ agents: [] })
  })

  it('leaves no trace of who may not even look, nor of asking again', async () => {
    const { call, tokenOf, erasureId, auditLog, dependencies } = await erased()
    const before = auditLog.written.length
    const token = await tokenOf('acme', ['agents:read'])

    const answers = [
      await call('GET', `/v1/tenant/erasures/${erasureId}`, { token }),
      await call('POST', '/v1/tenant/erasure', { body: { confirm: 'acme' }, token }),
      await call('POST', '/v1/tenant/erasure', { body: { confirm: 'nobody' } }),
      await call('POST', '/v1/tenant/erasure', { body: { confirm: 'acme' } }),
    ]

    expect(answers.map(({ status }) => status)).toEqual([403, 403, 422, 202])
    expect(auditLog.written).toHaveLength(before)
    await dependencies.requestCounts.flush()
    expect(await dependencies.counters.requests('acme')).toEqual({})
  })

  it('is looked at by nobody else: its erasure is as unknown as any', async () => {
    const { call, tokenOf, erasureId } = await erased()
    const token = await tokenOf('acme-b')

    const [theirs, unknown] = [erasureId, UNKNOWN].map((id) => call('GET', `/v1/tenant/erasures/${id}`, { token }))

    expect(await theirs).toMatchObject({ status: 404, body: { code: 'not_found' } })
    const shapeOf = ({ body }: { body: Record<string, unknown> }) => Object.keys(body).toSorted()
    expect(shapeOf((await theirs) as never)).toEqual(shapeOf((await unknown) as never))
  })

  it('holds nobody up beside it', async () => {
    const { call, tokenOf } = await erased()

    expect((await call('GET', '/v1/agents', { token: await tokenOf('acme-b') })).status).toBe(200)
  })
})
