import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LEASE_MS, leaseKeeper, RENEWAL_MS } from '#shared/executions/lease-keeper.ts'
import { systemClock } from '#shared/platform/clock.ts'
import { aLease, anExecution, memoryWorld } from '../../helpers/executions.ts'

beforeEach(() => void vi.useFakeTimers({ now: Date.parse('2026-11-21T09:30:00Z') }))
afterEach(() => void vi.useRealTimers())

async function setUp() {
  const { executions } = memoryWorld()
  const record = anExecution()
  await executions.create(record, 0)
  await executions.acquire(record, aLease('me', Date.now()))
  const state = { attempt: 1, postedThrough: -1 }
  const keeper = leaseKeeper({ executions, clock: systemClock }, record, 1, () => state)
  const stored = async () => executions.get(record)
  const takeOver = () => executions.acquire(record, aLease('other', Date.now() + LEASE_MS + 1))
  return { executions, record, state, keeper, stored, takeOver }
}

describe('leaseKeeper', () => {
  it('holds a lease for as long as it runs, and stores how far the writer is', async () => {
    const { keeper, state, stored, record, executions } = await setUp()

    state.postedThrough = 41
    await vi.advanceTimersByTimeAsync(10 * LEASE_MS)

    expect(await stored()).toMatchObject({ leaseExpiresAt: Date.now() + LEASE_MS, postedThrough: 41, attempt: 1 })
    const other = await executions.acquire(record, aLease('other', Date.now()))
    expect(other.result).toBe('held')
    expect(keeper.signal.aborted).toBe(false)
    keeper.stop()
  })

  it('lets go once it is stopped', async () => {
    const { keeper, takeOver } = await setUp()
    await vi.advanceTimersByTimeAsync(LEASE_MS)
    keeper.stop()

    await vi.advanceTimersByTimeAsync(LEASE_MS)

    expect((await takeOver()).result).toBe('acquired')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('aborts its signal when another worker has taken over', async () => {
    const { keeper, takeOver } = await setUp()
    await takeOver()

    await vi.advanceTimersByTimeAsync(RENEWAL_MS)

    expect(keeper.signal.aborted).toBe(true)
    expect(keeper.signal.reason).toMatchObject({ name: 'StreamLostError' })
    await expect(keeper.renew()).rejects.toMatchObject({ name: 'StreamLostError' })
    keeper.stop()
  })

  it('tells at once, when it is asked, that the lease is lost', async () => {
    const { keeper, takeOver } = await setUp()
    await expect(keeper.renew()).resolves.toBeUndefined()
    await takeOver()

    await expect(keeper.renew()).rejects.toMatchObject({ name: 'StreamLostError' })
    expect(keeper.signal.aborted).toBe(true)
    keeper.stop()
  })

  it('makes up for a renewal that failed, without a sign to anybody', async () => {
    const { keeper, executions, stored } = await setUp()
    const { renew } = executions
    const began = Date.now()
    executions.renew = vi.fn().mockRejectedValueOnce(new Error('throttled')).mockImplementation(renew)

    await vi.advanceTimersByTimeAsync(RENEWAL_MS)
    expect(await stored()).toMatchObject({ leaseExpiresAt: began + LEASE_MS })
    await vi.advanceTimersByTimeAsync(RENEWAL_MS)

    expect(await stored()).toMatchObject({ leaseExpiresAt: Date.now() + LEASE_MS })
    expect(keeper.signal.aborted).toBe(false)
    keeper.stop()
  })
})
