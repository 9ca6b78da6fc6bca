import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { PostResult } from '#shared/streams/connection-poster.ts'
import { memoryConnectionPoster } from '#shared/streams/memory-connection-poster.ts'
import { postPatiently } from '#shared/streams/post-patiently.ts'

const FRAME = '{"message_type":"pong","payload":{"time":""}}'
const never = new AbortController().signal

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
})
afterEach(() => void vi.useRealTimers())

function poster(...results: PostResult['status'][]) {
  const tries: number[] = []
  const began = Date.now()
  const answer = (_connection: string, post: number): PostResult => {
    tries.push(Date.now() - began)
    const status = results[Math.min(post, results.length - 1)] ?? 'sent'
    return status === 'failed' ? { status, error: 'reset' } : { status }
  }
  return { ...memoryConnectionPoster(answer), tries }
}

describe('postPatiently', () => {
  it.each(['sent', 'gone', 'refused'] as const)('asks once when the frame is %s', async (status) => {
    const once = poster(status)

    expect(await postPatiently(once, 'c1', FRAME, { signal: never })).toEqual({ status })
    expect(once.tries).toEqual([0])
  })

  it('posts one frame until it is sent, with pauses that grow', async () => {
    const slow = poster('throttled', 'failed', 'throttled', 'sent')
    const onThrottled = vi.fn()
    const result = postPatiently(slow, 'c1', FRAME, { signal: never, onThrottled })

    await vi.runAllTimersAsync()

    expect(await result).toEqual({ status: 'sent' })
    expect(slow.tries).toEqual([0, 50, 150, 350])
    expect(slow.frames).toHaveLength(1)
    expect(onThrottled).toHaveBeenCalledTimes(2)
  })

  it.each(['throttled', 'failed'] as const)('gives up a connection that is %s for too long', async (status) => {
    const stuck = poster(status)
    const result = postPatiently(stuck, 'c1', FRAME, { signal: never })

    await vi.runAllTimersAsync()

    expect(await result).toMatchObject({ status })
    expect(stuck.tries).toHaveLength(8)
    expect(stuck.tries.at(-1)).toBeLessThan(8_000)
  })

  it('stops waiting when the signal aborts, after one more try', async () => {
    const stuck = poster('throttled')
    const time = new AbortController()
    const result = postPatiently(stuck, 'c1', FRAME, { signal: time.signal })
    await vi.advanceTimersByTimeAsync(10)

    time.abort()

    expect(await result).toEqual({ status: 'throttled' })
    expect(stuck.tries).toEqual([0, 10])
  })

  it('tries once when there is no time at all', async () => {
    const ready = poster('sent')

    expect(await postPatiently(ready, 'c1', FRAME, { signal: AbortSignal.abort() })).toEqual({ status: 'sent' })
  })
})
