import { describe, expect, it } from 'vitest'
import { type EraseTenantDependencies, eraseTenant } from '#shared/erasure/erase-tenant.ts'
import type { ErasurePlace } from '#shared/erasure/erasure-place.ts'
import { requestErasure } from '#shared/erasure/request-erasure.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { SCOPES } from '#shared/protocol/scopes.ts'
import { erasureWorld, memoryPlace } from '../../helpers/erasure.ts'
import { aGate, anAgent, anExecution } from '../../helpers/executions.ts'
import { never } from '../../helpers/llm.ts'

const ada = { subject: 'ada', tenant: 'acme', scopes: SCOPES }

async function scene(places: readonly ErasurePlace[], overrides: Partial<EraseTenantDependencies> = {}) {
  const world = erasureWorld(places, overrides)
  const { dependencies } = world
  const request = { ...dependencies, defaultTenant: 'default', declaredAgents: [] }
  const { erasureId } = await requestErasure(request, ada, { confirm: 'acme' })
  /** One invocation; false when the queue has nothing more. */
  async function invoke(signal = never()): Promise<boolean> {
    const id = world.next()
    if (id === undefined) return false
    await eraseTenant(dependencies, id, signal)
    return true
  }
  async function finish(): Promise<void> {
    for (let invocations = 0; invocations < 200; invocations++) if (!(await invoke())) return
    throw new Error('it has no end')
  }
  const standing = () => dependencies.erasures.get(erasureId)
  return { ...world, erasureId, invoke, finish, standing }
}

describe('eraseTenant', () => {
  it('erases everything of the tenant, everywhere, and proves it with a pass that finds nothing', async () => {
    const tables = memoryPlace('tables', ['acme/1', 'acme-b/1', 'acme/2', 'acme/3', 'acm/1', 'acme/4', 'other/1'])
    const bucket = memoryPlace('bucket', ['acme/object'])
    const { finish, standing, logger } = await scene([tables, bucket])

    await finish()

    expect(tables.things).toEqual(['acme-b/1', 'acm/1', 'other/1'])
    expect(bucket.things).toEqual([])
    expect(await standing()).toMatchObject({
      status: 'erased',
      passes: 2,
      erased: { tables: 4, bucket: 1 },
      proof: { looked: { tables: 3, bucket: 0 }, found: { tables: 0, bucket: 0 } },
    })
    expect(logger.lines.map(({ code }) => code)).toEqual(['tenant_erasing', 'tenant_erased'])
  })

  it('goes on where it was, in as many invocations as it takes', async () => {
    const place = memoryPlace(
      'tables',
      Array.from({ length: 20 }, (_, thing) => `${thing % 3 ? 'acme' : 'other'}/${thing}`),
    )
    const { invoke, standing, dependencies } = await scene([place])
    let steps = 0
    const stopAfterAStep = {
      ...place,
      erase: (tenant: string, cursor: string | undefined) => {
        steps++
        stop.abort()
        return place.erase(tenant, cursor, never())
      },
    }
    dependencies.places = [stopAfterAStep]
    let stop = new AbortController()

    let invocations = 0
    while (await invoke(stop.signal)) {
      stop = new AbortController()
      invocations++
    }

    expect(invocations).toBeGreaterThan(steps)
    expect(place.things.every((thing) => thing.startsWith('other/'))).toBe(true)
    expect(await standing()).toMatchObject({ status: 'erased', erased: { tables: 13 }, proof: { looked: { tables: 7 } } })
  })

  it('finds in another pass what followed from its own changes', async () => {
    const place = memoryPlace('tables', ['acme/1'])
    let echoes = 2
    const echoing: ErasurePlace = {
      name: 'tables',
      async erase(tenant) {
        const step = await place.erase(tenant, undefined, never())
        if (step.found > 0 && echoes-- > 0) place.things.push(`acme/echo-${echoes}`)
        return step
      },
    }
    const { finish, standing } = await scene([echoing])

    await finish()

    expect(place.things).toEqual([])
    expect(await standing()).toMatchObject({ status: 'erased', passes: 4, erased: { tables: 3 } })
  })

  it('fails where somebody never stops writing, and proves nothing', async () => {
    const busy: ErasurePlace = { name: 'tables', erase: async () => ({ looked: 1, found: 1 }) }
    const { finish, standing, logger } = await scene([busy])

    await finish()

    const erasure = await standing()
    expect(erasure).toMatchObject({ status: 'failed', passes: 10, detail: 'somebody still writes: pass 10 found 1' })
    expect(erasure?.proof).toBeUndefined()
    expect(logger.lines.map(({ code }) => code)).toContain('tenant_erasure_failed')
  })

  it('takes a step again that failed, when the message comes again', async () => {
    const place = memoryPlace('tables', ['acme/1', 'acme/2', 'acme/3'])
    let failures = 3
    const flaky: ErasurePlace = {
      name: 'tables',
      erase: (tenant, cursor) =>
        failures-- > 0 ? Promise.reject(new SluiceError('unavailable', 'no')) : place.erase(tenant, cursor, never()),
    }
    const { erasureId, erasureQueue, finish, standing } = await scene([flaky])

    for (let tries = 0; tries < 3; tries++) {
      await expect(finish()).rejects.toMatchObject({ code: 'unavailable' })
      await erasureQueue.send(erasureId)
    }
    await finish()

    expect(place.things).toEqual([])
    expect(await standing()).toMatchObject({ status: 'erased', erased: { tables: 3 } })
  })

  it('is done once, however often the queue gives a message', async () => {
    const place = memoryPlace('tables', ['acme/1', 'acme/2', 'other/1', 'acme/3'])
    const { erasureId, dependencies, finish, standing } = await scene([place])
    const twice = Promise.all([finish(), eraseTenant(dependencies, erasureId, never())])

    await twice
    await finish()

    expect(place.things).toEqual(['other/1'])
    expect(await standing()).toMatchObject({ status: 'erased', proof: { found: { tables: 0 } } })
    await eraseTenant(dependencies, erasureId, never())
    expect(await standing()).toMatchObject({ status: 'erased' })
  })

  it('looks at nothing before requests taken on credit are over, and closes the tenant again', async () => {
    const place = memoryPlace('tables', ['acme/1'])
    const { dependencies, invoke, standing } = await scene([place])
    await dependencies.tenantGate.open('acme')

    await invoke()

    expect(await dependencies.tenantGate.isClosed('acme')).toBe(true)
    expect(await standing()).toMatchObject({ status: 'stopping', closedAt: '2026-11-21T09:30:00.000Z' })
    expect(place.things).toEqual(['acme/1'])
  })

  it('stops agents, cancels what they do, closes connections, and waits for what runs', async () => {
    const { dependencies, gates, presence, poster, invoke, standing, erasureQueue } = await scene([memoryPlace('tables', [])])
    const { agents, executions } = dependencies
    await agents.create('acme', anAgent())
    await agents.create('other', anAgent())
    const running = anExecution()
    await executions.create(running, 0)
    await executions.acquire(running, { owner: 'w', now: dependencies.clock.now(), expiresAt: 8e15, tookSlot: false })
    const busy = { ...aGate(), active: [running.executionId] }
    gates.put({ tenant: 'acme', agentId: 'assistant' }, busy)
    await presence.arrive({ tenant: 'acme', connectionId: 'c1' })
    await presence.arrive({ tenant: 'other', connectionId: 'c2' })

    await invoke()
    await invoke()

    expect((await agents.get('acme', 'assistant'))?.status).toBe('stopping')
    expect((await executions.get(running))?.cancelRequestedAt).toBeDefined()
    expect((await agents.get('other', 'assistant'))?.status).toBe('running')
    expect(poster.closed).toEqual(['c1'])
    expect(await presence.total()).toBe(1)
    expect(await standing()).toMatchObject({ status: 'stopping' })
    expect(erasureQueue.sent).toHaveLength(1)
  })

  it('goes on without what does not end in time', async () => {
    const { dependencies, gates, invoke, standing, later } = await scene([memoryPlace('tables', [])])
    await dependencies.agents.create('acme', anAgent())
    gates.put({ tenant: 'acme', agentId: 'assistant' }, { ...aGate(), active: ['lost'] })
    await invoke()
    await invoke()
    expect(await standing()).toMatchObject({ status: 'stopping' })

    later(60_000)
    await invoke()

    expect(await standing()).toMatchObject({ status: 'erased' })
  })
})
