import { describe, expect, it, vi } from 'vitest'
import { memoryAgentStore } from '#shared/agents/memory-agent-store.ts'
import { LEASE_MS, RENEWAL_MS } from '#shared/executions/lease-keeper.ts'
import { artifactInput } from '#shared/messaging/artifact-input.ts'
import { memoryArtifactStore } from '#shared/messaging/memory-artifact-store.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { memoryConnectionPoster } from '#shared/streams/memory-connection-poster.ts'
import { aFunctionAgent, aLease, anExecution } from '../../helpers/executions.ts'
import { expectWholeAnswer } from '../../helpers/stream-proof.ts'
import { aSubscription } from '../../helpers/streams.ts'
import { byCode, byModel, failing, providerError, say, waiting, words, workerScene } from '../../helpers/worker.ts'

describe('runExecution', () => {
  it('streams an answer and ends with the proof of it', async () => {
    const { submit, work, events, expectEnd, gate } = await workerScene()
    const record = await submit()

    expect(await work(byModel(words), record)).toBe('ended')

    expect((await events(record))[0]).toMatchObject({ type: 'started', data: { provider: 'scripted' }, attempt: 1 })
    expect(await expectEnd(record, 'completed')).toMatchObject({
      output: { text: 'A gate for water.' },
      usage: { inputTokens: 5, outputTokens: 4 },
      attempt: 1,
    })
    expect(await gate()).toMatchObject({ active: [] })
  })

  it('keeps what an agent in code returned', async () => {
    const { submit, work, events, expectEnd } = await workerScene(aFunctionAgent())
    const record = await submit()

    await work(
      byCode(async (request) => {
        say(request, 'Sorted.')
        return { label: 'billing' }
      }),
      record,
    )

    expect((await events(record))[0]).toMatchObject({ type: 'started', data: { provider: 'function', model: 'triage' } })
    expect(await expectEnd(record, 'completed')).toMatchObject({ output: { text: 'Sorted.', data: { label: 'billing' } } })
  })

  it('runs once when the message is delivered twice at the same time', async () => {
    const { submit, work, expectEnd, codes } = await workerScene()
    const record = await submit()
    let answers = 0
    const counted = byCode(async (request) => {
      answers += 1
      say(request, 'Once.')
    })

    const results = await Promise.all([work(counted, record), work(counted, record)])

    expect(results.sort()).toEqual(['duplicate', 'ended'])
    expect(answers).toBe(1)
    await expectEnd(record, 'completed')
    expect(codes()).toContain('execution_duplicate')
  })

  it('posts the end again when the message comes after it', async () => {
    const { submit, work, follow, seenBy, events } = await workerScene()
    const record = await submit()
    await follow(record, 'c1')
    const deaf = memoryConnectionPoster(() => ({ status: 'failed', error: 'down' }))
    vi.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.abort())
    await work(byModel(words), record, { poster: deaf })
    vi.restoreAllMocks()
    expect(seenBy('c1')).toEqual([])

    expect(await work(byModel(words), record)).toBe('duplicate')

    expect(seenBy('c1').at(-1)).toEqual((await events(record)).at(-1))
    expectWholeAnswer(seenBy('c1'))
  })

  it('takes a slot from one that had ended before it came, and lets the next one in', async () => {
    const { submit, work, admission, sent, gate } = await workerScene()
    const ended = await submit()
    await work(byModel(words), ended)
    const runs = await submit()
    await admission.takeSlot(ended, Date.now())
    const waits = await submit()
    expect(await gate()).toMatchObject({ active: expect.arrayContaining([ended.executionId]), waiting: 1 })
    sent.length = 0

    expect(await work(byModel(words), ended)).toBe('duplicate')

    expect(sent.map(({ item }) => item.executionId)).toEqual([waits.executionId])
    expect(await gate()).toMatchObject({ active: [runs.executionId, waits.executionId].sort(), waiting: 0 })
  })

  it('stays completed when the table is busy at the end, or its answer is lost', async () => {
    const { submit, work, expectEnd, executions } = await workerScene()
    const record = await submit()
    let calls = 0
    const flaky = {
      ...executions,
      end: async (...ending: Parameters<typeof executions.end>) => {
        calls += 1
        if (calls === 1) throw new SluiceError('unavailable', 'the tables are busy')
        const result = await executions.end(...ending)
        if (calls === 2) throw new SluiceError('unavailable', 'the answer was lost')
        return result
      },
    }

    expect(await work(byModel(words), record, { executions: flaky })).toBe('ended')

    expect(calls).toBe(3)
    await expectEnd(record, 'completed')
  })

  it('leaves the last frames to the next delivery when the viewers cannot be read, and lets the next one in all the same', async () => {
    const { submit, work, stored, subscriptions, sent } = await workerScene()
    const [record, , waits] = [await submit(), await submit(), await submit()]
    sent.length = 0
    const blind = {
      ...subscriptions,
      head: async (...[ref, isolated]: Parameters<typeof subscriptions.head>) => {
        if (isolated) throw new Error('throttled')
        return subscriptions.head(ref)
      },
    }

    await expect(work(byModel(words), record, { subscriptions: blind })).rejects.toThrow('throttled')

    expect(await stored(record)).toMatchObject({ status: 'completed' })
    expect(sent.map(({ item }) => item.executionId)).toEqual([waits.executionId])
    expect(await work(byModel(words), record)).toBe('duplicate')
  })

  it('sees off its own viewers, however slow, when those in shards cannot be told of the end', async () => {
    const { submit, work, stored, subscriptions, follow, seenBy, poster } = await workerScene()
    const record = await submit()
    const shard = { tenant: record.tenant, channel: `execution:${record.executionId}`, shard: 1 }
    const inShard = aSubscription()
    await subscriptions.beginReplay(shard, inShard)
    await subscriptions.goLive(shard, inShard, -1)
    await follow(record, 'c1')
    const gate = Promise.withResolvers<void>()
    const slow = {
      ...poster,
      async post(...post: Parameters<typeof poster.post>) {
        await gate.promise
        return poster.post(...post)
      },
    }
    let failures = 0
    const connectionTasks = {
      async send() {
        failures += (await stored(record)).status === 'completed' ? 1 : 0
        // Behind everything that follows from the last try.
        if (failures >= 4) setTimeout(gate.resolve)
        throw new Error('the queue is out of reach')
      },
    }

    await expect(work(byModel(words), record, { connectionTasks, poster: slow })).rejects.toThrow('out of reach')

    expect(seenBy('c1').at(-1)?.type).toBe('completed')
  })

  it('fails when the agent is gone', async () => {
    const { submit, work, expectEnd } = await workerScene()
    const record = await submit()

    await work(byModel(words), record, { agents: memoryAgentStore() })

    expect(await expectEnd(record, 'failed')).toMatchObject({ error: { code: 'not_found' } })
  })

  it('fails one of an agent that took the id of the one before', async () => {
    const { submit, work, expectEnd } = await workerScene()
    const record = await submit({ createdAt: '2019-01-01T00:00:00.000Z' })

    await work(byModel(words), record)

    expect(await expectEnd(record, 'failed')).toMatchObject({ error: { code: 'not_found' } })
  })

  it('reads the agent again when the first look failed', async () => {
    const { submit, work, expectEnd, agents } = await workerScene()
    const record = await submit()
    const get = vi.fn(agents.get).mockRejectedValueOnce(new Error('throttled'))

    await work(byModel(words), record, { agents: { ...agents, get } })

    await expectEnd(record, 'completed')
    expect(get).toHaveBeenCalledTimes(2)
  })

  it('logs an internal error, and shows neither it nor the input to anybody', async () => {
    const cause = new TypeError('secret detail')
    const { submit, work, expectEnd, logger } = await workerScene()
    const record = await submit({ input: { content: 'secret input' } })

    await work(byModel(failing(cause, 9)), record)

    const line = logger.lines.find(({ code }) => code === 'execution_failed')
    expect(line).toMatchObject({ level: 'error', fields: { executionId: record.executionId, error: cause } })
    expect(JSON.stringify(logger.lines)).not.toContain('secret input')
    const ended = await expectEnd(record, 'failed')
    expect(ended.error?.code).toBe('internal')
    expect(JSON.stringify(ended)).not.toContain('secret detail')
  })

  it('refuses a message about an execution that does not exist', async () => {
    const { work } = await workerScene()

    await expect(work(byModel(words), anExecution())).rejects.toMatchObject({ code: 'not_found' })
  })

  it('is not slowed by a viewer that cannot be reached', async () => {
    const { submit, work, follow, subscriptions, expectEnd } = await workerScene()
    const record = await submit()
    const ref = { tenant: record.tenant, channel: `execution:${record.executionId}` }
    await subscriptions.beginReplay(ref, aSubscription({ connectionId: 'gone', subscriptionId: 's1' }))
    await subscriptions.goLive(ref, aSubscription({ connectionId: 'gone', subscriptionId: 's1' }), -1)
    await follow(record, 'here')
    const poster = memoryConnectionPoster((connectionId) => ({ status: connectionId === 'gone' ? 'gone' : 'sent' }))

    await work(byModel(words), record, { poster })

    await expectEnd(record, 'completed')
    expect((await subscriptions.listLive(ref)).map((live) => live.connectionId)).toEqual(['here'])
  })

  it('reads an input that was too large to travel', async () => {
    const { submit, work, expectEnd } = await workerScene()
    const record = await submit({ input: null, inputRef: 'inputs/1' })

    await work(
      byCode(async (request) => say(request, String(request.record.input))),
      record,
      { loadInput: async ({ inputRef }) => `what stands at ${inputRef}` },
    )

    expect(await expectEnd(record, 'completed')).toMatchObject({ output: { text: 'what stands at inputs/1' }, input: null })
  })

  it.each([
    ['that nobody reads here', undefined],
    ['of somebody else', artifactInput(memoryArtifactStore())],
  ])('fails for good with a large input %s', async (_name, loadInput) => {
    const { submit, work, expectEnd } = await workerScene()
    const record = await submit({ input: null, inputRef: 'T/other/inputs/1' })

    await work(byModel(words), record, { loadInput })

    await expectEnd(record, 'failed')
  })

  it('ends what nobody could begin with in time, without asking anybody', async () => {
    const { submit, work, expectEnd, events, later } = await workerScene()
    const record = await submit({ expiresAtMs: Date.now() + 1_000 })
    later(2_000)
    const answerer = vi.fn(byModel(words))

    await work(answerer, record)

    expect(answerer).not.toHaveBeenCalled()
    expect(await expectEnd(record, 'expired')).toMatchObject({ error: { code: 'expired' }, output: { text: '' } })
    expect(await events(record)).toMatchObject([{ type: 'failed', sequence: 0, data: { code: 'expired', events: 1 } }])
  })

  it('goes on with what has begun in time, however late it is', async () => {
    const { submit, work, expectEnd, later, lastSent } = await workerScene()
    const record = await submit({ expiresAtMs: Date.now() + 1_000, retry: { backoffSeconds: 0 } })
    await work(byModel(failing(providerError('rate_limit', 30), 1)), record)
    later(31_000)

    expect(await work(byModel(words), lastSent().item)).toBe('ended')

    await expectEnd(record, 'completed')
  })

  it('fails what every worker dies of, by the policy', async () => {
    const { submit, work, expectEnd, executions, clock, later } = await workerScene()
    const record = await submit({ retry: { maxAttempts: 2 } })
    for (let crash = 0; crash < 2; crash++) {
      await executions.acquire(record, aLease('dies', clock.now()))
      later(LEASE_MS + 1)
    }
    const answerer = vi.fn(byModel(words))

    await work(answerer, record)

    expect(answerer).not.toHaveBeenCalled()
    expect(await expectEnd(record, 'failed')).toMatchObject({
      error: { code: 'internal', detail: 'every worker that ran it stopped' },
    })
  })

  it.each(['lost', 'ended'])('leaves nothing behind that runs when it is %s', async (how) => {
    vi.useFakeTimers()
    try {
      const { submit, work, executions } = await workerScene()
      const record = await submit()
      const running = work(byModel(how === 'ended' ? words : waiting('Once ')), record)
      await vi.advanceTimersByTimeAsync(2_000)
      if (how === 'lost') await executions.acquire(record, aLease('other', Date.now() + LEASE_MS + 1))

      await vi.advanceTimersByTimeAsync(RENEWAL_MS)

      expect(await running).toBe(how)
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })
})
