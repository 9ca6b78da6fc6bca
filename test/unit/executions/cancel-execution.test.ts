import { describe, expect, it } from 'vitest'
import { cancelExecution } from '#shared/executions/cancel-execution.ts'
import { cancelWaiting } from '#shared/executions/cancel-waiting.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { executionRef } from '#shared/streams/channel-ref.ts'
import { ASSISTANT, admissionWorld, idsOf } from '../../helpers/admission.ts'
import { forEveryCrash } from '../../helpers/crashes.ts'
import { answer, chunk, executionEvents, retrying, sha256, started } from '../../helpers/execution-events.ts'

async function withRoomForOne() {
  const world = admissionWorld()
  await world.register({ maxConcurrency: 1 })
  const cancel = (record: ExecutionRecord) => cancelExecution(world.dependencies, record)
  return { world, cancel }
}

describe('cancelExecution', () => {
  it('ends one that is nowhere yet', async () => {
    const { world, cancel } = await withRoomForOne()
    const record = await world.aNew()

    expect(await cancel(record)).toMatchObject({ status: 'cancelled', error: { code: 'cancelled' } })

    expect(await world.eventsOf(record)).toMatchObject([
      { sequence: 0, attempt: 1, type: 'cancelled', data: { code: 'cancelled', events: 1, sha256: sha256('') } },
    ])
    expect(await world.executions.listDue(Number.MAX_SAFE_INTEGER, 10)).toEqual([])
  })

  it('ends one in the mailbox, and has its viewers told', async () => {
    const { world, cancel } = await withRoomForOne()
    await world.admitted()
    const waiting = await world.admitted({ worker: 'assistant' })

    expect(await cancel(waiting)).toMatchObject({ status: 'cancelled' })

    expect(await world.gate()).toMatchObject({ waiting: 0 })
    expect(await world.admission.listWaiting(ASSISTANT, 10)).toEqual([])
    expect(world.workQueue.sent.at(-1)).toEqual({ ...ASSISTANT, executionId: waiting.executionId, worker: 'assistant' })
  })

  it('ends one that has a slot, and gives the slot to the next', async () => {
    const { world, cancel } = await withRoomForOne()
    const [first, second] = [await world.admitted(), await world.admitted()]

    await cancel(first)

    expect(await world.gate()).toMatchObject({ waiting: 0, active: [second.executionId] })
    expect(world.sent().at(-1)).toBe(second.executionId)
  })

  it('ends one between two attempts, and keeps what was said and used', async () => {
    const { world, cancel } = await withRoomForOne()
    const record = await world.begin(await world.admitted())
    const said = executionEvents([started(), chunk('lost'), retrying(0), chunk('kept')], record.executionId)
    for (const event of said) await world.log.append(executionRef(record), [event])
    await world.executions.retryLater(record, 1, { attempt: 2, postedThrough: 3, retryAt: 1e15, dueAt: 1e15 })

    expect(await cancel(record)).toMatchObject({ status: 'cancelled', output: { text: 'kept' } })

    const events = await world.eventsOf(record)
    expect(events.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3, 4])
    expect(events.at(-1)).toMatchObject({ type: 'cancelled', attempt: 2, data: { events: 5, sha256: sha256('kept') } })
  })

  it('reads a long log to its end', async () => {
    const { world, cancel } = await withRoomForOne()
    const record = await world.begin(await world.admitted())
    const texts = Array.from({ length: 1_200 }, (_, index) => `${index} `)
    const said = executionEvents([started(), ...texts.map(chunk)], record.executionId)
    for (const event of said) await world.log.append(executionRef(record), [event])
    await world.executions.retryLater(record, 1, { attempt: 1, postedThrough: -1, retryAt: 1e15, dueAt: 1e15 })

    await cancel(record)

    const [last] = await world.log.read(executionRef(record), 1_200)
    expect(last).toMatchObject({ sequence: 1_201, data: { events: 1_202, sha256: sha256(texts.join('')) } })
  })

  it('asks the worker of a running one to stop', async () => {
    const { world, cancel } = await withRoomForOne()
    const running = await world.begin(await world.admitted())

    expect(await cancel(running)).toMatchObject({ status: 'running', cancelRequestedAt: '2026-11-21T09:30:00.000Z' })

    expect(await world.subscriptions.head(executionRef(running))).toMatchObject({ cancelRequested: true })
  })

  it('ends one whose worker let go of it before it saw the request', async () => {
    const { world } = await withRoomForOne()
    const running = await world.begin(await world.admitted())
    const subscriptions = {
      ...world.subscriptions,
      requestCancel: async () => {
        const state = { attempt: 1, postedThrough: -1, retryAt: 1e15, dueAt: 1e15 }
        await world.executions.retryLater(running, 1, state)
      },
    }

    const cancelled = await cancelExecution({ ...world.dependencies, subscriptions }, running)

    expect(cancelled).toMatchObject({ status: 'cancelled' })
  })

  it('can be repeated, and has the viewers told again', async () => {
    const { world, cancel } = await withRoomForOne()
    const record = await world.admitted()
    const first = await cancel(record)

    expect(await cancel(record)).toEqual(first)

    expect(await world.eventsOf(record)).toHaveLength(1)
    expect(world.sent().slice(1)).toEqual([record.executionId, record.executionId])
  })

  it('refuses what ended another way', async () => {
    const { world, cancel } = await withRoomForOne()
    const record = await world.begin(await world.admitted())
    await world.finish(record)

    await expect(cancel(record)).rejects.toMatchObject({ code: 'invalid_state', message: expect.stringContaining('completed') })
    expect(await world.eventsOf(record)).toEqual(answer(['done'], record.executionId))
  })

  it('does not know what another tenant has', async () => {
    const { world, cancel } = await withRoomForOne()
    const record = await world.admitted()

    await expect(cancel({ ...record, tenant: 'globex' })).rejects.toMatchObject({ code: 'not_found' })
    expect(await world.get(record)).toMatchObject({ status: 'queued' })
  })

  it.each(['new', 'admitted', 'waiting', 'running'])('is whole after a crash at any step and a repetition: %s', async (place) => {
    await forEveryCrash(async (crasher) => {
      const { world } = await withRoomForOne()
      const other = place === 'waiting' ? await world.admitted() : undefined
      const record = place === 'new' ? await world.aNew() : await world.admitted()
      if (place === 'running') await world.begin(record)
      const next = place === 'admitted' ? await world.admitted() : undefined
      const fragile = {
        ...world.dependencies,
        executions: crasher.steps(world.executions, ['get', 'endQueued', 'requestCancel']),
        admission: crasher.steps(world.admission, ['gate', 'listWaiting', 'admitWaiting']),
        subscriptions: crasher.steps(world.subscriptions, ['requestCancel']),
        workQueue: crasher.steps(world.workQueue, ['send']),
      }
      await crasher.run(() => cancelExecution(fragile, record))

      const cancelled = await cancelExecution(world.dependencies, record)

      if (place === 'running') {
        expect(cancelled.cancelRequestedAt).toBeDefined()
        expect(await world.subscriptions.head(executionRef(record))).toMatchObject({ cancelRequested: true })
        return
      }
      expect(await world.eventsOf(record)).toMatchObject([{ type: 'cancelled' }])
      expect(world.sent()).toContain(record.executionId)
      const active = other ?? next
      expect(await world.gate()).toMatchObject({ waiting: 0, active: active ? [active.executionId] : [] })
    })
  })
})

describe('cancelWaiting', () => {
  it('ends all that wait, and nothing else', async () => {
    const { world } = await withRoomForOne()
    const running = await world.begin(await world.admitted())
    const waiting: ExecutionRecord[] = []
    for (let count = 0; count < 120; count++) waiting.push(await world.admitted())

    expect(await cancelWaiting(world.dependencies, ASSISTANT, 'the agent was deleted')).toBe(120)

    for (const record of waiting) {
      expect(await world.get(record)).toMatchObject({ status: 'cancelled', error: { detail: 'the agent was deleted' } })
    }
    expect(await world.get(running)).toMatchObject({ status: 'running' })
    expect(await world.gate()).toMatchObject({ waiting: 0 })
    expect(world.sent().slice(1)).toEqual(idsOf(waiting))
  })

  it('ends between two when the signal aborts, and goes on with the next call', async () => {
    const { world } = await withRoomForOne()
    await world.setOpen(false)
    for (let count = 0; count < 3; count++) await world.admitted()
    const time = new AbortController()
    const workQueue = {
      ...world.workQueue,
      send: async () => {
        time.abort()
      },
    }

    expect(await cancelWaiting({ ...world.dependencies, workQueue }, ASSISTANT, 'stopped', time.signal)).toBe(1)
    expect(await cancelWaiting(world.dependencies, ASSISTANT, 'stopped')).toBe(2)
  })

  it('ends what is moved to another place meanwhile', async () => {
    const { world } = await withRoomForOne()
    await world.setOpen(false)
    const record = await world.admitted()
    const { endQueued } = world.executions
    let moved = false
    const executions = {
      ...world.executions,
      async endQueued(...asked: Parameters<typeof endQueued>) {
        if (!moved) await world.admission.changePriority(await world.get(record), 10)
        moved = true
        return endQueued(...asked)
      },
    }

    expect(await cancelWaiting({ ...world.dependencies, executions }, ASSISTANT, 'stopped')).toBe(1)
    expect(await world.gate()).toMatchObject({ waiting: 0 })
  })

  it('leaves alone what was admitted meanwhile', async () => {
    const { world } = await withRoomForOne()
    await world.setOpen(false)
    const record = await world.admitted()
    const stale = await world.admission.listWaiting(ASSISTANT, 1)
    await world.setOpen(true)
    await world.admission.admitWaiting(
      ASSISTANT,
      { executionId: record.executionId, place: record.place ?? '' },
      { now: 0, dueAt: 0 },
    )
    const admission = { ...world.admission, listWaiting: async () => stale }

    expect(await cancelWaiting({ ...world.dependencies, admission }, ASSISTANT, 'stopped')).toBe(0)
    expect(await world.get(record)).toMatchObject({ status: 'queued' })
  })
})
