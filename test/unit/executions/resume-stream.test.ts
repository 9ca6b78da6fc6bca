import { describe, expect, it } from 'vitest'
import { cancelExecution } from '#shared/executions/cancel-execution.ts'
import { LEASE_MS } from '#shared/executions/lease-keeper.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { executionRef } from '#shared/streams/channel-ref.ts'
import { chunk, executionEvents, started } from '../../helpers/execution-events.ts'
import { aLease } from '../../helpers/executions.ts'
import { expectWholeAnswer } from '../../helpers/stream-proof.ts'
import { byCode, byModel, say, words, workerScene } from '../../helpers/worker.ts'

/** A port whose first call of a method stands still before it is made. */
function freezer<Port extends object, Method extends keyof Port & string>(port: Port, method: Method) {
  const frozen = Promise.withResolvers<void>()
  const thaw = Promise.withResolvers<void>()
  const call = port[method] as (...parameters: unknown[]) => Promise<unknown>
  const freezing = (async (...parameters: unknown[]) => {
    frozen.resolve()
    await thaw.promise
    return call(...parameters)
  }) as Port[Method]
  return { port: { ...port, [method]: freezing }, frozen: frozen.promise, thaw: () => thaw.resolve() }
}

/** A worker died behind its first words: the next one is the second writer. */
async function behindADeadWorker() {
  const scene = await workerScene()
  const record = await scene.submit({ retry: { maxAttempts: 9 } })
  await scene.executions.acquire(record, aLease('dies', scene.clock.now()))
  await scene.log.append(executionRef(record), executionEvents([started(), chunk('from the first ')], record.executionId))
  scene.later(LEASE_MS + 1)
  return { ...scene, record }
}

describe('a worker that was frozen', () => {
  it('before its very first write, finds the place taken and writes nothing behind the end', async () => {
    const { submit, work, expectEnd, log, later } = await workerScene()
    const record = await submit()
    const { port, frozen, thaw } = freezer(log, 'append')
    const zombie = work(byModel(words), record, { log: port })
    await frozen
    later(LEASE_MS + 1)
    expect(await work(byModel(words), record)).toBe('ended')
    const ended = await expectEnd(record, 'completed')

    thaw()

    expect(await zombie).toBe('lost')
    expect(await expectEnd(record, 'completed')).toEqual(ended)
  })

  it('before its look at the log, whose successor has ended, writes nothing behind the end', async () => {
    const { record, work, expectEnd, log, later } = await behindADeadWorker()
    const { port, frozen, thaw } = freezer(log, 'lastSequence')
    const zombie = work(byModel(words), record, { log: port })
    await frozen
    later(LEASE_MS + 1)
    expect(await work(byModel(words), record)).toBe('ended')
    const ended = await expectEnd(record, 'completed')

    thaw()

    expect(await zombie).toBe('lost')
    expect(await expectEnd(record, 'completed')).toEqual(ended)
  })

  it('between its look at its fence and its write, finds the place taken', async () => {
    const { record, work, expectEnd, log, events, later } = await behindADeadWorker()
    const { port, frozen, thaw } = freezer(log, 'append')
    const zombie = work(byModel(words), record, { log: port })
    await frozen
    later(LEASE_MS + 1)
    await work(byModel(words), record)

    thaw()

    expect(await zombie).toBe('lost')
    await expectEnd(record, 'completed')
    expectWholeAnswer(await events(record))
  })

  it('in mid-stream, is kept out, and its viewers see one answer', async () => {
    const { submit, work, events, expectEnd, later, follow, seenBy } = await workerScene()
    const record = await submit()
    await follow(record, 'c1')
    const thaw = Promise.withResolvers<void>()
    const zombie = work(
      byCode(async (request) => {
        say(request, 'I was writing ')
        await thaw.promise
        say(request, 'from the grave')
      }),
      record,
    )
    await expect.poll(() => events(record)).toHaveLength(2)
    later(LEASE_MS + 1)

    expect(await work(byModel(words), record)).toBe('ended')
    thaw.resolve()

    expect(await zombie).toBe('lost')
    const stream = await events(record)
    expect(stream.find((event) => event.type === 'retrying')).toMatchObject({ attempt: 2, data: { resumeFrom: -1 } })
    expect(await expectEnd(record, 'completed')).toMatchObject({ attempt: 2, output: { text: 'A gate for water.' } })
    expect(expectWholeAnswer(seenBy('c1'))).toBe('A gate for water.')
  })

  it('in mid-stream, while its successor looks for its place, loses the race for it or is read', async () => {
    const { submit, work, events, expectEnd, log, later } = await workerScene()
    const record = await submit()
    const thaw = Promise.withResolvers<void>()
    const zombie = work(
      byCode(async (request) => {
        say(request, 'one ')
        await thaw.promise
        say(request, 'two ')
        await request.writer.flushed()
      }),
      record,
    )
    await expect.poll(() => events(record)).toHaveLength(2)
    later(LEASE_MS + 1)
    const successor = freezer(log, 'append')
    const running = work(byModel(words), record, { log: successor.port })
    await successor.frozen

    thaw.resolve()
    await expect.poll(() => events(record)).toHaveLength(3)
    successor.thaw()

    expect(await running).toBe('ended')
    expect(await zombie).toBe('lost')
    expect(await expectEnd(record, 'completed')).toMatchObject({ output: { text: 'A gate for water.' } })
    expect((await events(record)).map(({ type }) => type)).toContain('retrying')
  })

  it('before it stored its end, does not end it again', async () => {
    const { submit, work, expectEnd, executions, later } = await workerScene()
    const record = await submit()
    const { port, frozen, thaw } = freezer(executions, 'end')
    const zombie = work(byModel(words), record, { executions: port })
    await frozen
    later(LEASE_MS + 1)
    expect(await work(byModel(words), record)).toBe('ended')
    const ended = await expectEnd(record, 'completed')

    thaw()

    expect(await zombie).toBe('lost')
    expect(await expectEnd(record, 'completed')).toEqual(ended)
  })
})

describe('a later writer', () => {
  it('keeps everything that was said where nothing follows but the end', async () => {
    const { record, work, cancel, expectEnd, executions, clock, later } = await behindADeadWorker()
    await executions.acquire(record, aLease('dies too', clock.now()))
    await cancel(record)
    later(LEASE_MS + 1)

    await work(byModel(words), record)

    expect(await expectEnd(record, 'cancelled')).toMatchObject({ output: { text: 'from the first ' } })
  })

  it('leaves it to another one when the log cannot be read', async () => {
    const { record, work, expectEnd, log, later } = await behindADeadWorker()
    const lastSequence = async (): Promise<never> => {
      throw new SluiceError('unavailable', 'the table is out of reach')
    }

    await expect(work(byModel(words), record, { log: { ...log, lastSequence } })).rejects.toMatchObject({ code: 'unavailable' })
    later(LEASE_MS + 1)

    expect(await work(byModel(words), record)).toBe('ended')
    await expectEnd(record, 'completed')
  })
})

describe('a log that does not show its first events any more', () => {
  /** Expired entries are not read, but stand where they are until the table removes them. */
  async function withExpiredEvents() {
    const scene = await behindADeadWorker()
    const expired = await scene.log.lastSequence(executionRef(scene.record))
    const log: typeof scene.log = {
      ...scene.log,
      read: async (...parameters) => (await scene.log.read(...parameters)).filter(({ sequence }) => sequence > expired),
    }
    return { ...scene, log }
  }

  it('is gone on with behind them', async () => {
    const { record, work, expectEnd, log } = await withExpiredEvents()

    expect(await work(byModel(words), record, { log })).toBe('ended')

    await expectEnd(record, 'completed')
  })

  it('ends behind them when the execution waits', async () => {
    const { record, executions, dependencies, clock, log, stored, events } = await withExpiredEvents()
    await executions.retryLater(record, 1, { attempt: 1, postedThrough: -1, retryAt: clock.now(), dueAt: clock.now() })

    const cancelled = await cancelExecution({ ...dependencies, streamLog: log }, await stored(record))

    expect(cancelled.status).toBe('cancelled')
    expect((await events(record)).map(({ type }) => type)).toEqual(['started', 'content_chunk', 'cancelled'])
  })
})
