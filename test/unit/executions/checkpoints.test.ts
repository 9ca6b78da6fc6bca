import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AnswerRequest } from '#shared/executions/answerer.ts'
import { LEASE_MS } from '#shared/executions/lease-keeper.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { MAX_CHECKPOINT_BYTES } from '#shared/protocol/limits.ts'
import { memoryConnectionPoster } from '#shared/streams/memory-connection-poster.ts'
import { aLease } from '../../helpers/executions.ts'
import { expectWholeAnswer } from '../../helpers/stream-proof.ts'
import { byCode, providerError, say, workerScene } from '../../helpers/worker.ts'

const PATIENT = { backoffSeconds: 0 }
const CHAPTERS = ['One. ', 'Two. ', 'Three. ', 'Four. ', 'Five. ', 'Six. ']

/** Writes a chapter, saves, and so on; goes on from the chapter that it saved last. */
const chapters = (during: (request: AnswerRequest, chapter: number) => unknown = () => undefined) =>
  byCode(async (request) => {
    const { state } = request.checkpoints
    for (let chapter = typeof state === 'number' ? state : 0; chapter < CHAPTERS.length; chapter++) {
      say(request, CHAPTERS[chapter] ?? '')
      await during(request, chapter)
      request.addUsage({ inputTokens: 0, outputTokens: 1 })
      await request.checkpoints.save(chapter + 1)
    }
  })

/** An invocation whose time is up when the test says so. */
const shortInvocation = () => {
  let left = 300_000
  return { remainingMs: () => left, runsOut: () => (left = 1_000) }
}

describe('an answer with checkpoints', () => {
  it('goes over three invocations without a seam', async () => {
    const { submit, work, events, stored, expectEnd, lastSent, gate, follow, seenBy, codes } = await workerScene()
    const record = await submit()
    await follow(record, 'c1')
    let item = lastSent().item

    for (const last of [1, 3]) {
      const { remainingMs, runsOut } = shortInvocation()
      const answerer = chapters((_request, chapter) => {
        if (chapter === last) runsOut()
      })
      expect(await work(answerer, item, { remainingMs })).toBe('handed_over')
      expect(await stored(record)).toMatchObject({
        status: 'queued',
        attempt: 1,
        nextAttempt: 1,
        checkpoint: { state: `${last + 1}` },
      })
      expect(await gate()).toMatchObject({ active: [record.executionId] })
      item = lastSent().item
      expect(item).toEqual({ tenant: 'acme', executionId: record.executionId, agentId: 'assistant' })
    }
    expect(await work(chapters(), item)).toBe('ended')

    const stream = await events(record)
    expect(new Set(stream.map(({ type }) => type))).toEqual(new Set(['started', 'content_chunk', 'usage', 'completed']))
    expect(new Set(stream.map(({ attempt }) => attempt))).toEqual(new Set([1]))
    expect(await expectEnd(record, 'completed')).toMatchObject({
      attempt: 1,
      fence: 3,
      output: { text: CHAPTERS.join('') },
      usage: { inputTokens: 0, outputTokens: 6 },
    })
    expect(seenBy('c1')).toEqual(stream)
    expect(codes().filter((code) => code === 'execution_handed_over')).toHaveLength(2)
  })

  it('hands over although its code swallows what comes of it, and although it goes on', async () => {
    const { submit, work, expectEnd, lastSent } = await workerScene()
    const record = await submit()
    const { remainingMs, runsOut } = shortInvocation()
    const thrown: unknown[] = []
    const swallows = byCode(async (request) => {
      say(request, CHAPTERS[0] ?? '')
      runsOut()
      await request.checkpoints.save(1).catch((error: unknown) => thrown.push(error))
      try {
        say(request, 'never heard')
      } catch (error) {
        thrown.push(error)
      }
      await request.checkpoints.save(99).catch((error: unknown) => thrown.push(error))
    })

    expect(await work(swallows, record, { remainingMs })).toBe('handed_over')
    await vi.waitFor(() => expect(thrown).toHaveLength(3))

    expect(thrown).toMatchObject(Array(3).fill({ kind: 'handed_over' }))
    expect(await work(chapters(), lastSent().item)).toBe('ended')
    expect(await expectEnd(record, 'completed')).toMatchObject({ output: { text: CHAPTERS.join('') }, attempt: 1 })
  })

  it('keeps the text before the last checkpoint when its worker dies, and takes back what came behind it', async () => {
    const { submit, work, events, expectEnd, follow, seenBy, later } = await workerScene()
    const record = await submit()
    await follow(record, 'c1')
    const dead = Promise.withResolvers<void>()
    const dying = work(
      chapters(async (_request, chapter) => {
        if (chapter === 2) await dead.promise
      }),
      record,
    )
    await vi.waitFor(async () => expect((await events(record)).at(-1)).toMatchObject({ data: { text: CHAPTERS[2] } }))
    later(LEASE_MS + 1)

    expect(await work(chapters(), record)).toBe('ended')
    dead.resolve()

    expect(await dying).toBe('lost')
    const stream = await events(record)
    const resumeFrom = stream.findIndex((event) => event.type === 'content_chunk' && event.data.text === CHAPTERS[1])
    expect(stream.find((event) => event.type === 'retrying')).toMatchObject({ attempt: 2, data: { resumeFrom } })
    expect(expectWholeAnswer(stream)).toBe(CHAPTERS.join(''))
    expect(expectWholeAnswer(seenBy('c1'))).toBe(CHAPTERS.join(''))
    await expectEnd(record, 'completed')
  })

  it('begins its next attempt at the last checkpoint, here and later', async () => {
    const { submit, work, expectEnd, lastSent, later, follow, seenBy } = await workerScene()
    const record = await submit({ retry: PATIENT })
    await follow(record, 'c1')
    const failures = [providerError('provider_error'), providerError('rate_limit', 60)]
    const answerer = chapters((_request, chapter) => {
      const failure = chapter === 2 ? failures.shift() : undefined
      if (failure) throw failure
    })

    expect(await work(answerer, record)).toBe('retry_later')
    later(60_000)
    expect(await work(answerer, lastSent().item)).toBe('ended')

    expect(await expectEnd(record, 'completed')).toMatchObject({
      attempt: 3,
      output: { text: CHAPTERS.join('') },
      usage: { inputTokens: 0, outputTokens: 6 },
    })
    expect(expectWholeAnswer(seenBy('c1'))).toBe(CHAPTERS.join(''))
  })

  it('goes on from a checkpoint that was still being stored when the attempt failed', async () => {
    const { submit, work, events, expectEnd, executions } = await workerScene()
    const record = await submit({ retry: PATIENT })
    const storing = Promise.withResolvers<void>()
    const slow: typeof executions.saveCheckpoint = async (...change) => {
      storing.resolve()
      await new Promise((resolve) => setTimeout(resolve, 20))
      return executions.saveCheckpoint(...change)
    }
    const answerer = byCode(async (request) => {
      if (request.attempt === 1) {
        say(request, 'kept ')
        request.checkpoints.save('one').catch(() => undefined)
        await storing.promise
        throw providerError('provider_error')
      }
      expect(request.checkpoints.state).toBe('one')
      say(request, 'and on')
    })

    await work(answerer, record, { executions: { ...executions, saveCheckpoint: slow } })

    expect((await events(record)).find((event) => event.type === 'retrying')).toMatchObject({ data: { resumeFrom: 1 } })
    expect(await expectEnd(record, 'completed')).toMatchObject({ output: { text: 'kept and on' }, attempt: 2 })
  })

  it('stores the checkpoints of code that does not wait for them in their order', async () => {
    const { submit, work, stored, executions } = await workerScene()
    const record = await submit()
    let pause = 40
    const slower: typeof executions.saveCheckpoint = async (...change) => {
      pause -= 10
      await new Promise((resolve) => setTimeout(resolve, pause))
      return executions.saveCheckpoint(...change)
    }
    const hasty = byCode(async ({ checkpoints }) => {
      await Promise.all([1, 2, 3].map((state) => checkpoints.save(state)))
    })

    await work(hasty, record, { executions: { ...executions, saveCheckpoint: slower } })

    expect(await stored(record)).toMatchObject({ checkpoint: { state: '3' } })
  })

  it('refuses a state that is too large, or no JSON, and goes on', async () => {
    const { submit, work, expectEnd } = await workerScene()
    const record = await submit()
    const errors: unknown[] = []
    const answerer = byCode(async (request) => {
      for (const state of ['x'.repeat(MAX_CHECKPOINT_BYTES), 1n])
        await request.checkpoints.save(state).catch((error: unknown) => errors.push(error))
      say(request, 'All the same.')
    })

    await work(answerer, record)

    expect(errors).toMatchObject([{ code: 'payload_too_large' }, { name: 'TypeError' }])
    const ended = await expectEnd(record, 'completed')
    expect(ended.checkpoint).toBeUndefined()
  })

  it('is lost when another worker has taken over as it saves', async () => {
    const { submit, work, stored, executions } = await workerScene()
    const record = await submit()

    const result = await work(
      chapters(async () => {
        await executions.acquire(record, aLease('other', Date.now() + LEASE_MS + 1))
      }),
      record,
    )

    expect(result).toBe('lost')
    const standing = await stored(record)
    expect(standing.leaseOwner).toBe('other')
    expect(standing.checkpoint).toBeUndefined()
  })

  it('leaves to the next worker what a slow viewer has not got yet', async () => {
    const { submit, work, events, expectEnd, lastSent, follow, seenBy, stored } = await workerScene()
    const record = await submit()
    await follow(record, 'c1')
    const { remainingMs, runsOut } = shortInvocation()
    const busy = memoryConnectionPoster(() => ({ status: 'throttled' }))
    // The time that a checkpoint has for the slowest viewer.
    vi.spyOn(AbortSignal, 'timeout').mockReturnValueOnce(AbortSignal.abort())

    expect(await work(chapters(runsOut), record, { remainingMs, poster: busy })).toBe('handed_over')

    expect(await stored(record)).toMatchObject({ postedThrough: -1 })
    expect(seenBy('c1')).toEqual([])
    await work(chapters(), lastSent().item)
    await expectEnd(record, 'completed')
    expect(seenBy('c1')).toEqual(await events(record))
    vi.restoreAllMocks()
  })
})

describe('a hand-over whose message is lost', () => {
  async function handedOver(send: 'fails' | 'is lost') {
    const scene = await workerScene()
    const { submit, work, workQueue } = scene
    const record = await submit()
    const { remainingMs, runsOut } = shortInvocation()
    const silent: typeof workQueue = {
      ...workQueue,
      send: async () => {
        if (send === 'fails') throw new SluiceError('unavailable', 'the queue is out of reach')
      },
    }
    const result = await work(chapters(runsOut), record, { remainingMs, workQueue: silent }).catch((error: unknown) => error)
    return { ...scene, record, result }
  }

  it('goes on with the message that comes again', async () => {
    const { work, record, result, expectEnd } = await handedOver('fails')
    expect(result).toMatchObject({ code: 'unavailable' })

    expect(await work(chapters(), record)).toBe('ended')

    expect(await expectEnd(record, 'completed')).toMatchObject({ attempt: 1, output: { text: CHAPTERS.join('') } })
  })

  it('goes on with the sweeper, a minute later', async () => {
    const { work, record, sent, sweep, later, expectEnd, lastSent } = await handedOver('is lost')
    sent.length = 0
    await sweep()
    expect(sent).toEqual([])
    later(61_000)

    await sweep()

    expect(await work(chapters(), lastSent().item)).toBe('ended')
    expect(await expectEnd(record, 'completed')).toMatchObject({ attempt: 1 })
  })

  it('is cancelled where it stands, with its text', async () => {
    const { work, record, cancel, expectEnd } = await handedOver('is lost')

    await cancel(record)

    expect(await expectEnd(record, 'cancelled')).toMatchObject({ output: { text: CHAPTERS[0] } })
    expect(await work(chapters(), record)).toBe('duplicate')
  })
})

describe('a run that ends while it saves', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it.each(['cancelled', 'timed_out'] as const)('is %s, not handed over', async (how) => {
    const { submit, work, cancel, expectEnd, executions } = await workerScene()
    const record = await submit({ timeoutSeconds: 10 })
    const { remainingMs, runsOut } = shortInvocation()
    const slow: typeof executions.saveCheckpoint = async (...change) => {
      const saved = await executions.saveCheckpoint(...change)
      await new Promise((resolve) => setTimeout(resolve, 12_000))
      return saved
    }
    const running = work(chapters(runsOut), record, { remainingMs, executions: { ...executions, saveCheckpoint: slow } })
    await vi.advanceTimersByTimeAsync(1_000)
    if (how === 'cancelled') await cancel(record)

    await vi.advanceTimersByTimeAsync(20_000)

    expect(await running).toBe('ended')
    expect(await expectEnd(record, how)).toMatchObject({ output: { text: CHAPTERS[0] } })
    expect(vi.getTimerCount()).toBe(0)
  })
})
