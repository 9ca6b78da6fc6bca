import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { epochSeconds, sleep, timestamp } from '#shared/platform/clock.ts'

describe('clock', () => {
  it('writes timestamps in UTC', () => {
    expect(timestamp({ now: () => Date.UTC(2026, 10, 21, 9, 30) })).toBe('2026-11-21T09:30:00.000Z')
  })

  it('counts whole seconds for DynamoDB', () => {
    expect(epochSeconds(1_999)).toBe(1)
  })
})

describe('sleep', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('ends after its time, and leaves nothing behind', async () => {
    const { signal } = new AbortController()
    const slept = sleep(100, signal)

    await vi.advanceTimersByTimeAsync(100)

    await expect(slept).resolves.toBeUndefined()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('ends with the reason of the signal when that aborts, and stops its timer', async () => {
    const controller = new AbortController()
    const slept = sleep(60_000, controller.signal)
    const reason = new Error('stopped')

    controller.abort(reason)

    await expect(slept).rejects.toBe(reason)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('does not begin when the signal has aborted', async () => {
    const reason = new Error('too late')

    await expect(sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason)
    expect(vi.getTimerCount()).toBe(0)
  })
})
