import { describe, expect, it } from 'vitest'
import { waitForEnd } from '#shared/executions/wait-for-end.ts'
import { anExecution } from '../../helpers/executions.ts'

/** An execution that ends after so many reads, and a clock that only the pauses move. */
function setUp({ endsAt = Number.POSITIVE_INFINITY }: { endsAt?: number } = {}) {
  let now = 0
  let reads = 0
  const pauses: number[] = []
  const record = anExecution()
  const dependencies = {
    clock: { now: () => now },
    executions: {
      get: async () => {
        reads += 1
        return now >= endsAt ? { ...record, status: 'completed' as const } : record
      },
    },
  }
  const pause = async (milliseconds: number): Promise<void> => {
    pauses.push(milliseconds)
    now += milliseconds
  }
  const wait = (deadline: number, options: { signal?: AbortSignal } = {}) =>
    waitForEnd(dependencies, record, { deadline, pause, ...options })
  return { record, dependencies, pauses, wait, reads: () => reads, now: () => now }
}

describe('waitForEnd', () => {
  it('gives the execution as it ended', async () => {
    const { wait, now } = setUp({ endsAt: 3_000 })

    expect(await wait(25_000)).toMatchObject({ status: 'completed' })
    expect(now()).toBeLessThan(5_000)
  })

  it('reads nothing when it has ended, or the time is up before it begins', async () => {
    const { dependencies, record, wait, reads } = setUp()

    expect(await waitForEnd(dependencies, { ...record, status: 'failed' }, { deadline: 25_000 })).toMatchObject({
      status: 'failed',
    })
    expect(await wait(0)).toBe(record)
    expect(reads()).toBe(0)
  })

  it('stops at the deadline to the millisecond, with a last look', async () => {
    const { wait, now } = setUp({ endsAt: 10_000 })

    expect(await wait(10_000)).toMatchObject({ status: 'completed' })
    expect(now()).toBe(10_000)
  })

  it('reads seldom where it takes long', async () => {
    const { wait, pauses, reads } = setUp()

    expect(await wait(25_000)).toMatchObject({ status: 'queued' })
    expect(reads()).toBeLessThan(40)
    expect(Math.max(...pauses)).toBe(1_000)
  })

  it('ends early when its caller gives up, with one more look', async () => {
    const controller = new AbortController()
    const { dependencies, record, reads } = setUp({ endsAt: 0 })
    const waiting = waitForEnd(dependencies, record, { deadline: 60_000, signal: controller.signal })

    controller.abort()

    expect(await waiting).toMatchObject({ status: 'completed' })
    expect(reads()).toBe(1)
  })
})
