import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { byCode, byModel, say, waiting, words, workerScene } from '../../helpers/worker.ts'

describe('a run that is stopped', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })

  it('is cancelled in silence, before the first token, within a second', async () => {
    const { submit, work, cancel, expectEnd, events, gate } = await workerScene()
    const record = await submit()
    const script = waiting()
    const running = work(byModel(script), record)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(await cancel(record)).toMatchObject({ status: 'running' })

    await vi.advanceTimersByTimeAsync(1_000)

    expect(script.aborted()).toBe(true)
    expect(await running).toBe('ended')
    expect(await expectEnd(record, 'cancelled')).toMatchObject({ error: { code: 'cancelled' }, output: { text: '' } })
    expect((await events(record)).map(({ type }) => type)).toEqual(['started', 'cancelled'])
    expect(await gate()).toMatchObject({ active: [] })
  })

  it('is cancelled in mid-stream, and keeps its text and what it has used', async () => {
    const { submit, work, cancel, expectEnd, events, follow, seenBy } = await workerScene()
    const record = await submit()
    await follow(record, 'c1')
    const script = waiting('Once upon a time ')
    const running = work(byModel(script), record)
    await vi.advanceTimersByTimeAsync(3_000)
    await cancel(record)
    await cancel(record)

    await vi.advanceTimersByTimeAsync(1_000)

    expect(await running).toBe('ended')
    expect(await expectEnd(record, 'cancelled')).toMatchObject({
      output: { text: 'Once upon a time ' },
      usage: { inputTokens: 5, outputTokens: 1 },
    })
    expect((await events(record)).map(({ type }) => type)).toEqual(['started', 'content_chunk', 'usage', 'cancelled'])
    expect(seenBy('c1')).toEqual(await events(record))
  })

  it('is cancelled by its next flush, without another look, while it writes', async () => {
    const { submit, work, cancel, expectEnd, subscriptions } = await workerScene()
    const record = await submit()
    const head = vi.spyOn(subscriptions, 'head')
    const writes = byCode(async (request) => {
      for (;;) {
        say(request, 'on and ')
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    })
    const running = work(writes, record)
    await vi.advanceTimersByTimeAsync(5_000)
    const looks = head.mock.calls.length
    await cancel(record)

    await vi.advanceTimersByTimeAsync(400)

    expect(await running).toBe('ended')
    await expectEnd(record, 'cancelled')
    // One with each flush, at most four a second here, and none for the cancel alone.
    expect(looks).toBeLessThanOrEqual(5 * 4 + 20)
    await vi.advanceTimersByTimeAsync(200)
  })

  it('is cancelled although looks at the head fail now and then', async () => {
    const { submit, work, cancel, expectEnd, subscriptions } = await workerScene()
    const record = await submit()
    const { head } = subscriptions
    let looks = 0
    const flaky = {
      ...subscriptions,
      head: async (...of: Parameters<typeof head>) => {
        if (looks++ % 2 === 0) throw new Error('throttled')
        return head(...of)
      },
    }
    const running = work(byModel(waiting('Once ')), record, { subscriptions: flaky })
    await vi.advanceTimersByTimeAsync(3_000)
    await cancel(record)

    await vi.advanceTimersByTimeAsync(3_000)

    expect(await running).toBe('ended')
    await expectEnd(record, 'cancelled')
  })

  it('is left behind when its code ignores the signal, and writes nothing behind the end', async () => {
    const { submit, work, cancel, expectEnd, events } = await workerScene()
    const record = await submit()
    const late = Promise.withResolvers<unknown>()
    const stubborn = byCode(async (request) => {
      say(request, 'before ')
      await new Promise((resolve) => setTimeout(resolve, 60_000))
      try {
        say(request, 'after')
      } catch (error) {
        late.resolve(error)
      }
    })
    const running = work(stubborn, record)
    await vi.advanceTimersByTimeAsync(1_000)
    await cancel(record)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await running).toBe('ended')
    const count = (await events(record)).length

    await vi.advanceTimersByTimeAsync(60_000)

    expect(await late.promise).toMatchObject({ kind: 'cancelled' })
    expect(await events(record)).toHaveLength(count)
    expect(await expectEnd(record, 'cancelled')).toMatchObject({ output: { text: 'before ' } })
  })

  it('times out in mid-stream, by its own limit before the agent’s before the stage’s, and keeps its text', async () => {
    const limits = [{ stage: 3_000 }, { stage: 60_000, agent: 3 }, { stage: 60_000, agent: 60, request: 3 }]
    for (const { stage, agent, request } of limits) {
      const { submit, work, expectEnd, agents } = await workerScene()
      const get = agents.get
      const record = await submit({ timeoutSeconds: request })
      const script = waiting('Once ')
      const timed = async (...key: Parameters<typeof get>) => {
        const standing = await get(...key)
        return standing && { ...standing, ...(agent !== undefined && { timeoutSeconds: agent }) }
      }
      const running = work(byModel(script), record, { executionTimeoutMs: stage, agents: { ...agents, get: timed } })

      await vi.advanceTimersByTimeAsync(2_900)
      expect(script.aborted()).toBe(false)
      await vi.advanceTimersByTimeAsync(200)

      expect(await running).toBe('ended')
      expect(script.aborted()).toBe(true)
      expect(await expectEnd(record, 'timed_out')).toMatchObject({
        error: { code: 'timeout' },
        output: { text: 'Once ' },
        usage: { inputTokens: 5, outputTokens: 1 },
      })
    }
  })

  it('is not retried when its time is up, though its last error may pass', async () => {
    const { submit, work, expectEnd } = await workerScene()
    const record = await submit({ timeoutSeconds: 2, retry: { backoffSeconds: 0 } })
    const slow = byCode(async ({ signal }) => {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
      throw new Error('what the code makes of it')
    })
    const running = work(slow, record)

    await vi.advanceTimersByTimeAsync(2_100)

    expect(await running).toBe('ended')
    expect(await expectEnd(record, 'timed_out')).toMatchObject({ attempt: 1 })
  })

  it('ends at once when it was cancelled while its worker died', async () => {
    const { submit, work, cancel, expectEnd, executions, later, clock } = await workerScene()
    const record = await submit()
    await executions.acquire(record, { owner: 'dies', now: clock.now(), expiresAt: clock.now() + 30_000, tookSlot: false })
    await cancel(record)
    later(31_000)
    const answerer = vi.fn(byModel(words))

    await work(answerer, record)

    expect(answerer).not.toHaveBeenCalled()
    expect(await expectEnd(record, 'cancelled')).toMatchObject({ output: { text: '' } })
  })
})
