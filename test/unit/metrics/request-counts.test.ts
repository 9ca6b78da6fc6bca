import { describe, expect, it } from 'vitest'
import { memoryTenantGate } from '#shared/limits/memory-tenant-gate.ts'
import type { EmbeddedMetric } from '#shared/metrics/embedded-metrics.ts'
import { memoryCounterStore } from '#shared/metrics/memory-counter-store.ts'
import { requestCounts } from '#shared/metrics/request-counts.ts'

const request = { tenant: 'acme', method: 'GET', path: '/v1/agents/{agentId}', operation: 'getAgent' }

function aContainer() {
  let now = 0
  const told: { metrics: readonly EmbeddedMetric[]; operation: string | undefined }[] = []
  const store = memoryCounterStore()
  const metrics = {
    put: (metrics: readonly EmbeddedMetric[], dimensions = {}) =>
      void told.push({ metrics, ...{ operation: undefined }, ...dimensions }),
  }
  const tenants = memoryTenantGate()
  const counts = requestCounts(store, { tenants, clock: { now: () => now }, metrics })
  const wait = (milliseconds: number) => {
    now += milliseconds
  }
  return { counts, store, tenants, told, wait }
}

describe('requestCounts', () => {
  it('writes down after ten seconds, with the next request', async () => {
    const { counts, store, wait } = aContainer()
    counts.count(request)

    wait(9_999)
    await counts.settle()
    expect(await store.requests('acme')).toEqual({})

    wait(1)
    await counts.settle()
    expect(await store.requests('acme')).toEqual({ 'request:GET /v1/agents/{agentId}': 1 })
  })

  it('writes down a hundred requests at once, each tenant by itself and once', async () => {
    const { counts, store } = aContainer()
    for (let made = 0; made < 99; made++) counts.count(request)
    await counts.settle()
    expect(await store.requests('acme')).toEqual({})

    counts.count({ ...request, tenant: 'other', code: 'not_found' })
    await counts.settle()
    await counts.settle()

    expect(await store.requests('acme')).toEqual({ 'request:GET /v1/agents/{agentId}': 99 })
    expect(await store.requests('other')).toEqual({ 'request:GET /v1/agents/{agentId}': 1, 'error:not_found': 1 })
  })

  it('writes nothing down of a tenant that was closed meanwhile, nor ever after', async () => {
    const { counts, store, tenants, wait } = aContainer()
    counts.count(request)
    counts.count({ ...request, tenant: 'other' })
    await tenants.close('acme')

    wait(3_600_000)
    await counts.settle()
    await tenants.open('acme')
    await counts.flush()

    expect(await store.requests('acme')).toEqual({})
    expect(await store.requests('other')).toEqual({ 'request:GET /v1/agents/{agentId}': 1 })
  })

  it('keeps what could not be written, and fails nobody', async () => {
    const { counts, store } = aContainer()
    const { addRequests } = store
    store.addRequests = () => Promise.reject(new Error('slow down'))
    counts.count(request)
    await counts.flush()

    store.addRequests = addRequests
    counts.count(request)
    await counts.flush()

    expect(await store.requests('acme')).toEqual({ 'request:GET /v1/agents/{agentId}': 2 })
  })

  it('tells CloudWatch by operation, once', async () => {
    const { counts, told } = aContainer()
    counts.count(request)
    counts.count({ ...request, code: 'not_found' })
    await counts.flush()
    await counts.flush()

    expect(told).toEqual([
      {
        operation: 'getAgent',
        metrics: [
          { name: 'agent_orchestrator_requests_total', unit: 'Count', values: [2] },
          { name: 'agent_orchestrator_errors_total', unit: 'Count', values: [1] },
        ],
      },
    ])
  })
})
