import { describe, expect, it } from 'vitest'
import { memoryCounterStore } from '#shared/metrics/memory-counter-store.ts'
import { systemClock } from '#shared/platform/clock.ts'
import { healthSchema, readinessSchema } from '#shared/protocol/health.ts'
import { checkReadiness, type Probe, readinessOf } from '../../../../functions/http/readiness.ts'
import { vitalCountsOf } from '../../../../functions/http/vital-counts.ts'
import { httpCaller } from '../../../helpers/http-caller.ts'

const well: Probe = { name: 'registry table', check: async () => undefined }
const broken: Probe = {
  name: 'message bus',
  check: () => Promise.reject(Object.assign(new Error('arn:aws:… is not there'), { name: 'ResourceNotFoundException' })),
}
/** Never answers, and does not listen to its signal. */
const silent: Probe = { name: 'work queue', check: () => new Promise(() => undefined) }

describe('GET /health', () => {
  const health = {
    status: 'healthy',
    auth: 'on',
    service: 'sluice',
    realtime_enabled: true,
    websocket_enabled: true,
    stage: 'test',
    time: '2026-11-21T09:30:00.000Z',
  }

  it('answers anybody, with totals and nothing of a tenant', async () => {
    const { call, dependencies } = httpCaller()
    await dependencies.presence.arrive({ tenant: 'acme', connectionId: 'c1' })
    await dependencies.presence.arrive({ tenant: 'other', connectionId: 'c2' })
    await dependencies.counters.add([{ tenant: 'acme', agentId: 'assistant', at: 0, counters: { queued: 3, failed: 1 } }])

    const { status, body } = await call('GET', '/health', { token: null })

    expect(status).toBe(200)
    expect(healthSchema.parse(body)).toEqual({ ...health, connections: 2, message_count: 3, error_count: 1 })
    expect(body).toEqual({ ...health, connections: 2, message_count: 3, error_count: 1 })
  })

  it('asks the table again after five seconds, however many ask', async () => {
    let now = 0
    let asked = 0
    const presence = { total: async () => ++asked }
    const counts = vitalCountsOf(presence, memoryCounterStore(), { now: () => now })

    await Promise.all([counts(), counts()])
    now = 4_999
    expect(await counts()).toMatchObject({ connections: 1 })
    now = 5_000
    expect(await counts()).toMatchObject({ connections: 2 })
  })

  it('is degraded, and answers without its counts, when the table does not answer', async () => {
    const fail = () => Promise.reject(new Error('no table'))
    const vitalCounts = vitalCountsOf({ total: fail }, { stageTotals: fail }, systemClock)

    const { status, body } = await httpCaller({ vitalCounts }).call('GET', '/health', { token: null })

    expect(status).toBe(200)
    const unknown = { connections: null, message_count: null, error_count: null }
    expect(healthSchema.parse(body)).toEqual({ ...health, status: 'degraded', ...unknown })
  })

  it('does not wait for a table that does not answer', async () => {
    const forever = () => new Promise<never>(() => undefined)
    const counts = vitalCountsOf({ total: forever }, { stageTotals: forever }, systemClock, 1)

    expect(await counts()).toMatchObject({ status: 'degraded', connections: null })
  })
})

describe('GET /ready', () => {
  it('names every dependency', async () => {
    const { status, body } = await httpCaller({ readiness: readinessOf([well], systemClock) }).call('GET', '/ready', {
      token: null,
    })

    expect(status).toBe(200)
    expect(readinessSchema.parse(body)).toMatchObject({ status: 'ok', dependencies: [{ name: 'registry table', status: 'ok' }] })
  })

  it('is 503 while one is missing, and says no more than the kind of its error', async () => {
    const { status, body } = await httpCaller({ readiness: readinessOf([well, broken], systemClock) }).call('GET', '/ready', {
      token: null,
    })

    expect(status).toBe(503)
    expect(body).toEqual({
      status: 'unavailable',
      dependencies: [
        { name: 'registry table', status: 'ok', detail: expect.stringMatching(/^\d+ ms$/) },
        { name: 'message bus', status: 'unavailable', detail: 'ResourceNotFoundException' },
      ],
    })
  })
})

describe('readinessOf', () => {
  it('asks once for all who want to know within five seconds', async () => {
    let [now, asked] = [0, 0]
    const readiness = readinessOf([{ name: 'work queue', check: async () => ++asked }], { now: () => now })

    const first = await Promise.all([readiness(), readiness()])
    now = 4_999
    expect([first[1], await readiness()]).toEqual([first[0], first[0]])
    expect(asked).toBe(1)

    now = 5_000
    await readiness()
    expect(asked).toBe(2)
  })
})

describe('checkReadiness', () => {
  it('does not wait for who never answers', async () => {
    expect(await checkReadiness([silent, well], 5)).toMatchObject({
      status: 'unavailable',
      dependencies: [{ detail: 'no answer within 5 ms' }, { status: 'ok' }],
    })
  })
})
