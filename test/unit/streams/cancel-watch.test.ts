import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { cancelWatch, SILENCE_MS } from '#shared/streams/cancel-watch.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const GO_ON = { version: 0, cancelRequested: false, shards: 0 }
const STOP = { version: 0, cancelRequested: true, shards: 0 }

describe('cancelWatch', () => {
  it('looks twice a second in silence, and calls back once', async () => {
    const read = vi.fn(async () => GO_ON)
    const onCancel = vi.fn()
    const { saw } = cancelWatch(read, onCancel)
    await vi.advanceTimersByTimeAsync(4 * SILENCE_MS)
    expect(read).toHaveBeenCalledTimes(4)
    read.mockResolvedValue(STOP)

    await vi.advanceTimersByTimeAsync(SILENCE_MS)
    saw(STOP)

    expect(onCancel).toHaveBeenCalledOnce()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('does not look while heads are read anyway', async () => {
    const read = vi.fn(async () => GO_ON)
    const { saw, stop } = cancelWatch(read, vi.fn())

    for (let flush = 0; flush < 20; flush++) {
      await vi.advanceTimersByTimeAsync(SILENCE_MS / 2)
      saw(GO_ON)
    }

    expect(read).not.toHaveBeenCalled()
    stop()
  })

  it('looks again after a look that failed', async () => {
    const onCancel = vi.fn()
    const read = vi.fn(async () => STOP).mockRejectedValueOnce(new Error('throttled'))
    cancelWatch(read, onCancel)

    await vi.advanceTimersByTimeAsync(2 * SILENCE_MS)

    expect(onCancel).toHaveBeenCalledOnce()
  })

  it('is silent for ever once it is stopped, also when a look comes back later', async () => {
    const slow = Promise.withResolvers<typeof STOP>()
    const onCancel = vi.fn()
    const { saw, stop } = cancelWatch(() => slow.promise, onCancel)
    await vi.advanceTimersByTimeAsync(SILENCE_MS)

    stop()
    slow.resolve(STOP)
    saw(GO_ON)
    await vi.advanceTimersByTimeAsync(10 * SILENCE_MS)

    expect(onCancel).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })
})
