import { describe, expect, it, vi } from 'vitest'
import { LEASE_MS } from '#shared/executions/lease-keeper.ts'
import { ProviderError } from '#shared/llm/provider-error.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { anAgent } from '../../helpers/executions.ts'
import { byCode, byModel, failing, providerError, say, waiting, words, workerScene } from '../../helpers/worker.ts'

/** Pauses are as long as the provider asks for. */
const PATIENT = { backoffSeconds: 0 }

describe('another attempt, in the same invocation', () => {
  it('takes the first words back, and sums up what was used', async () => {
    const { submit, work, events, expectEnd, codes, sent, follow, seenBy } = await workerScene()
    const record = await submit({ retry: PATIENT })
    sent.length = 0
    await follow(record, 'c1')

    expect(await work(byModel(failing(providerError('rate_limit'), 1)), record)).toBe('ended')

    const stream = await events(record)
    expect(stream.find((event) => event.type === 'retrying')).toMatchObject({
      attempt: 2,
      data: { code: 'rate_limit', attempt: 2, resumeFrom: -1, delayMs: 0 },
    })
    expect(await expectEnd(record, 'completed')).toMatchObject({
      attempt: 2,
      output: { text: 'half of answer 2 A gate for water.' },
      // The provider counts along: of the second call only its last numbers stand.
      usage: { inputTokens: 10, outputTokens: 5 },
    })
    expect(seenBy('c1')).toEqual(stream)
    expect(codes()).toContain('execution_retrying')
    expect(sent).toEqual([])
  })

  it('keeps what the provider said of each failure, in the stream, the record and the log', async () => {
    const { submit, work, events, expectEnd, logger } = await workerScene()
    const record = await submit({ retry: { ...PATIENT, maxAttempts: 2 } })
    const said = { providerStatus: 429, providerCode: 'insufficient_quota', providerRequestId: 'req_1' }
    const error = new ProviderError('rate_limit', 'limited', { provider: 'openai', ...said })

    await work(byModel(failing(error, 2)), record)

    const provider = { name: 'openai', status: 429, code: 'insufficient_quota', requestId: 'req_1' }
    expect(await expectEnd(record, 'failed')).toMatchObject({ error: { code: 'rate_limit', provider } })
    const told = (await events(record)).filter(({ type }) => type === 'retrying' || type === 'failed')
    expect(told.map(({ data }) => data)).toMatchObject([{ provider }, { provider }])
    const lines = logger.lines.filter(({ code }) => code === 'execution_retrying' || code === 'execution_ended')
    expect(lines.map(({ fields }) => fields)).toMatchObject([{ provider }, { provider }])
  })

  it('waits as long as the provider asks for, with its slot', async () => {
    vi.useFakeTimers()
    try {
      const { submit, work, events, expectEnd, gate } = await workerScene()
      const record = await submit({ retry: PATIENT })
      const running = work(byModel(failing(providerError('rate_limit', 5), 1)), record)
      await vi.advanceTimersByTimeAsync(4_900)
      expect((await events(record)).at(-1)).toMatchObject({ type: 'retrying', data: { delayMs: 5_000 } })
      expect(await gate()).toMatchObject({ active: [record.executionId] })

      await vi.advanceTimersByTimeAsync(2_000)

      expect(await running).toBe('ended')
      await expectEnd(record, 'completed')
    } finally {
      vi.useRealTimers()
    }
  })

  it('never comes after a permanent failure, even one that the policy names, and keeps the text so far', async () => {
    const { submit, work, events, expectEnd } = await workerScene()
    const record = await submit({ retry: { ...PATIENT, retryOnErrors: ['authentication_error'] } })

    await work(byModel(failing(providerError('authentication_error'), 9)), record)

    expect(await expectEnd(record, 'failed')).toMatchObject({
      error: { code: 'authentication_error' },
      output: { text: 'half of answer 1 ' },
    })
    expect((await events(record)).some((event) => event.type === 'retrying')).toBe(false)
  })

  it('comes after those errors alone that the policy names', async () => {
    const { submit, work, expectEnd } = await workerScene()
    const retry = { ...PATIENT, retryOnErrors: ['provider_error' as const] }
    const [other, named] = [await submit({ retry }), await submit({ retry })]

    await work(byModel(failing(providerError('rate_limit'), 1)), other)
    await work(byModel(failing(providerError('provider_error'), 1)), named)

    expect(await expectEnd(other, 'failed')).toMatchObject({ attempt: 1 })
    expect(await expectEnd(named, 'completed')).toMatchObject({ attempt: 2 })
  })

  it('follows the request before the agent', async () => {
    const { submit, work, expectEnd } = await workerScene(anAgent({ retry: { maxAttempts: 4, backoffSeconds: 0 } }))
    const [byAgent, byRequest] = [await submit(), await submit({ retry: { maxAttempts: 2 } })]

    await work(byModel(failing(providerError('rate_limit'), 9)), byAgent)
    await work(byModel(failing(providerError('rate_limit'), 9)), byRequest)

    expect(await expectEnd(byAgent, 'failed')).toMatchObject({ attempt: 4, error: { code: 'rate_limit' } })
    expect(await expectEnd(byRequest, 'failed')).toMatchObject({ attempt: 2, error: { code: 'rate_limit' } })
  })

  it('begins even when the lease cannot be renewed at once', async () => {
    const { submit, work, expectEnd, executions } = await workerScene()
    const record = await submit({ retry: PATIENT })
    const renew = async (): Promise<never> => {
      throw new Error('throttled')
    }

    await work(byModel(failing(providerError('rate_limit'), 1)), record, { executions: { ...executions, renew } })

    await expectEnd(record, 'completed')
  })

  it('is not disturbed by code of the one before that goes on writing', async () => {
    const { submit, work, expectEnd } = await workerScene()
    const record = await submit({ retry: PATIENT })
    const second = Promise.withResolvers<void>()
    const refused: unknown[] = []
    const careless = byCode(async (request) => {
      if (request.attempt === 2) {
        say(request, 'The second.')
        second.resolve()
        await new Promise((resolve) => setImmediate(resolve))
        return
      }
      const rest = async (): Promise<void> => {
        await second.promise
        say(request, 'The first goes on.')
      }
      rest().catch((error: unknown) => refused.push(error))
      const stale = async (): Promise<void> => {
        await second.promise
        await request.checkpoints.save('stale')
      }
      stale().catch((error: unknown) => refused.push(error))
      throw providerError('provider_error')
    })

    await work(careless, record)

    expect(await expectEnd(record, 'completed')).toMatchObject({ output: { text: 'The second.' }, attempt: 2 })
    expect(refused).toMatchObject([{ code: 'conflict' }, { code: 'conflict' }])
    expect((await expectEnd(record, 'completed')).checkpoint).toBeUndefined()
  })
})

describe('another attempt, later', () => {
  it('gives its slot to the next, and comes back by a delayed message', async () => {
    const { submit, work, events, stored, expectEnd, sent, lastSent, gate, later, follow, seenBy } = await workerScene()
    const [record, , waits] = [await submit({ retry: PATIENT }), await submit(), await submit()]
    await follow(record, 'c1')
    sent.length = 0
    const before = Date.now()

    expect(await work(byModel(failing(providerError('rate_limit', 30), 1)), record)).toBe('retry_later')

    const standing = await stored(record)
    expect(standing).toMatchObject({ status: 'queued', attempt: 1, nextAttempt: 2, usage: { outputTokens: 1 } })
    expect(standing.retryAt).toBeGreaterThanOrEqual(before + 30_000)
    expect(sent).toEqual([
      { item: expect.objectContaining({ executionId: record.executionId, admit: true }), delaySeconds: 30 },
      { item: expect.objectContaining({ executionId: waits.executionId }), delaySeconds: undefined },
    ])
    expect(await gate()).toMatchObject({ active: expect.not.arrayContaining([record.executionId]), waiting: 0 })
    expect((await events(record)).at(-1)).toMatchObject({ type: 'retrying', attempt: 2, data: { delayMs: 30_000 } })
    const [back] = sent
    await work(byModel(words), waits)
    later(30_000)

    expect(await work(byModel(words), back?.item ?? lastSent().item)).toBe('ended')

    expect(await expectEnd(record, 'completed')).toMatchObject({
      attempt: 2,
      output: { text: 'A gate for water.' },
      usage: { inputTokens: 10, outputTokens: 5 },
    })
    expect((await events(record)).filter((event) => event.type === 'retrying')).toHaveLength(1)
    expect(seenBy('c1')).toEqual(await events(record))
  })

  it('is the sweeper’s when the pause is longer than a message can be delayed', async () => {
    const { submit, work, stored, expectEnd, sent, lastSent, later, sweep } = await workerScene()
    const record = await submit({ retry: PATIENT, timeoutSeconds: 43_200 })
    sent.length = 0
    await work(byModel(failing(providerError('rate_limit', 3_600), 1)), record)
    expect(sent).toEqual([])
    later(3_599_000)
    await sweep()
    expect(sent).toEqual([])
    later(2_000)

    await sweep()

    expect(await stored(record)).toMatchObject({ status: 'queued' })
    expect(await work(byModel(words), lastSent().item)).toBe('ended')
    expect(await expectEnd(record, 'completed')).toMatchObject({ attempt: 2 })
  })

  it('is the sweeper’s when the message cannot be sent, and the slot is the next one’s all the same', async () => {
    const { submit, work, expectEnd, sent, workQueue, lastSent, later, sweep } = await workerScene()
    const [record, , waits] = [await submit({ retry: PATIENT }), await submit(), await submit()]
    sent.length = 0
    const send: typeof workQueue.send = async (item, delaySeconds) => {
      if (item.admit) throw new SluiceError('unavailable', 'the queue is out of reach')
      await workQueue.send(item, delaySeconds)
    }

    await expect(
      work(byModel(failing(providerError('rate_limit', 30), 1)), record, { workQueue: { ...workQueue, send } }),
    ).rejects.toMatchObject({ code: 'unavailable' })

    expect(sent.map(({ item }) => item.executionId)).toEqual([waits.executionId])
    expect(await work(byModel(words), record)).toBe('parked')
    await work(byModel(words), waits)
    later(91_000)
    await sweep()
    expect(lastSent().item).toMatchObject({ executionId: record.executionId })
    expect(await work(byModel(words), lastSent().item)).toBe('ended')
    await expectEnd(record, 'completed')
  })

  it('is not begun that would end behind the deadline', async () => {
    const { submit, work, expectEnd } = await workerScene()
    const record = await submit({ retry: PATIENT, timeoutSeconds: 20 })

    await work(byModel(failing(providerError('rate_limit', 30), 9)), record)

    expect(await expectEnd(record, 'failed')).toMatchObject({ error: { code: 'rate_limit' } })
  })

  it('comes when the invocation runs out without a checkpoint', async () => {
    vi.useFakeTimers()
    try {
      const { submit, work, events, stored, expectEnd, lastSent, later } = await workerScene()
      const record = await submit({ retry: PATIENT })
      const script = waiting('Too long ')
      const ends = Date.now() + 60_000
      const running = work(byModel(script), record, { remainingMs: () => ends - Date.now() })
      await vi.advanceTimersByTimeAsync(52_000)
      expect(script.aborted()).toBe(false)

      await vi.advanceTimersByTimeAsync(2_000)

      expect(await running).toBe('retry_later')
      expect(script.aborted()).toBe(true)
      expect(await stored(record)).toMatchObject({ status: 'queued', attempt: 1, nextAttempt: 2 })
      expect((await events(record)).at(-1)).toMatchObject({ type: 'retrying', attempt: 2, data: { code: 'timeout' } })
      later(1_000)
      expect(await work(byModel(words), lastSent().item)).toBe('ended')
      expect(await expectEnd(record, 'completed')).toMatchObject({ attempt: 2 })
    } finally {
      vi.useRealTimers()
    }
  })

  it('is not disturbed by a renewal that comes late', async () => {
    vi.useFakeTimers()
    try {
      const { submit, work, stored, executions } = await workerScene()
      const record = await submit({ retry: PATIENT })
      const [late, answers] = [Promise.withResolvers<void>(), vi.fn()]
      let renewals = 0
      const renew: typeof executions.renew = async (...change) => {
        // The first comes by the timer, the second before the announcement.
        if (renewals++ === 0) await late.promise
        const answer = await executions.renew(...change)
        answers(answer)
        return answer
      }
      const slow = byCode(async () => {
        await new Promise((resolve) => setTimeout(resolve, LEASE_MS / 2))
        throw providerError('rate_limit', 30)
      })
      const running = work(slow, record, { executions: { ...executions, renew } })
      await vi.advanceTimersByTimeAsync(LEASE_MS)
      expect(await running).toBe('retry_later')
      const queued = await stored(record)

      late.resolve()
      await vi.advanceTimersByTimeAsync(LEASE_MS)

      expect(answers.mock.calls).toEqual([['renewed'], ['lost']])
      expect(await stored(record)).toEqual(queued)
    } finally {
      vi.useRealTimers()
    }
  })

  it.each(['before', 'behind'])('is never made when it was cancelled %s the last look of its worker', async (when) => {
    const { submit, work, cancel, expectEnd, executions, sent } = await workerScene()
    const record = await submit({ retry: PATIENT })
    const retryLater: typeof executions.retryLater = async (...change) => {
      if (when === 'before') await cancel(record)
      const result = await executions.retryLater(...change)
      if (when === 'behind') await cancel(record)
      return result
    }
    sent.length = 0

    await work(byModel(failing(providerError('rate_limit', 30), 1)), record, { executions: { ...executions, retryLater } })

    const ended = await expectEnd(record, 'cancelled')
    expect(ended.output?.text).toBe('')
    for (const { item } of sent) expect(await work(byModel(words), item)).toBe('duplicate')
    expect(await expectEnd(record, 'cancelled')).toEqual(ended)
  })

  it('is cancelled while it waits', async () => {
    const { submit, work, cancel, expectEnd, later, sent } = await workerScene()
    const record = await submit({ retry: PATIENT })
    await work(byModel(failing(providerError('rate_limit', 30), 1)), record)

    await cancel(record)

    expect(await expectEnd(record, 'cancelled')).toMatchObject({ usage: { inputTokens: 5, outputTokens: 1 } })
    later(LEASE_MS)
    for (const { item } of sent) expect(await work(byModel(words), item)).toBe('duplicate')
    await expectEnd(record, 'cancelled')
  })
})
