import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LlmEvent } from '#shared/llm/llm-provider.ts'
import { withDeadlines } from '#shared/llm/with-deadlines.ts'
import { sleep } from '#shared/platform/clock.ts'
import { never, outcomeOf } from '../../helpers/llm.ts'

const TIMEOUTS = { connectMs: 10_000, firstTokenMs: 300, idleMs: 600, totalMs: 1_800 }

const text = (value: string): LlmEvent => ({ type: 'text', text: value })

/** A model that waits before each of its events. */
const model = (...pauses: number[]) =>
  async function* (signal: AbortSignal): AsyncGenerator<LlmEvent> {
    for (const pause of pauses) {
      await sleep(pause, signal)
      yield text(String(pause))
    }
  }

describe('withDeadlines', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('passes on what comes in time', async () => {
    const ending = outcomeOf(withDeadlines('p', model(299, 599, 599), never(), TIMEOUTS))
    await vi.advanceTimersByTimeAsync(2_000)

    expect(await ending).toEqual({ events: [text('299'), text('599'), text('599')], error: undefined })
    expect(vi.getTimerCount()).toBe(0)
  })

  it.each([
    ['first', model(301), 0, 'no first token within 300 ms'],
    ['further', model(100, 601), 1, 'no further token within 600 ms'],
    ['last', model(200, 500, 500, 500, 101, 1), 4, 'no end of the answer within 1800 ms'],
  ])('times out on a late %s token', async (_, call, events, message) => {
    const ending = outcomeOf(withDeadlines('p', call, never(), TIMEOUTS))
    await vi.advanceTimersByTimeAsync(2_000)

    const { events: seen, error } = await ending
    expect(seen).toHaveLength(events)
    expect(error).toMatchObject({ code: 'timeout', message, provider: 'p', retryable: true })
    expect(vi.getTimerCount()).toBe(0)
  })

  it('times out when the aborted call ends as if it were complete', async () => {
    const quietly = async function* (signal: AbortSignal): AsyncGenerator<LlmEvent> {
      await sleep(10_000, signal).catch(() => undefined)
    }
    const ending = outcomeOf(withDeadlines('p', quietly, never(), TIMEOUTS))
    await vi.advanceTimersByTimeAsync(400)

    expect((await ending).error).toMatchObject({ code: 'timeout' })
  })

  it('does not take the time of a slow consumer for silence', async () => {
    const stream = withDeadlines('p', model(0, 0), never(), { ...TIMEOUTS, totalMs: 15_000 })
    const slowly = async () => {
      for await (const _ of stream) await sleep(5_000)
      return 'done'
    }
    const ending = slowly()
    await vi.advanceTimersByTimeAsync(20_000)

    expect(await ending).toBe('done')
  })

  it('throws the reason of the signal, also when the call has its own error for it', async () => {
    const controller = new AbortController()
    const reason = new Error('cancelled by the caller')
    const translating = async function* (signal: AbortSignal): AsyncGenerator<LlmEvent> {
      await sleep(10_000, signal).catch(() => {
        throw new Error('request was aborted')
      })
    }
    const ending = outcomeOf(withDeadlines('p', translating, controller.signal, TIMEOUTS))
    controller.abort(reason)
    await vi.advanceTimersByTimeAsync(0)

    expect((await ending).error).toBe(reason)
  })

  it('makes no call under an aborted signal', async () => {
    const call = vi.fn(model(0))

    const { error } = await outcomeOf(withDeadlines('p', call, AbortSignal.abort('late'), TIMEOUTS))

    expect(error).toBe('late')
    expect(call).not.toHaveBeenCalled()
  })

  it('ends the call when the consumer leaves', async () => {
    const left = vi.fn()
    const call = async function* (): AsyncGenerator<LlmEvent> {
      try {
        yield text('one')
        yield text('two')
      } finally {
        left()
      }
    }

    for await (const _ of withDeadlines('p', call, never(), TIMEOUTS)) break

    expect(left).toHaveBeenCalledOnce()
  })
})
