import { describe, expect, it } from 'vitest'
import { memoryExecutionStore } from '#shared/executions/memory-execution-store.ts'
import { QUEUE_PATIENCE_MS } from '#shared/executions/start-execution.ts'
import { sweepExecutions } from '#shared/executions/sweep-executions.ts'
import { memoryWorkQueue } from '#shared/messaging/memory-work-queue.ts'
import { memoryStreamLog } from '#shared/streams/memory-stream-log.ts'
import { answer } from '../../helpers/execution-events.ts'
import { anExecution } from '../../helpers/executions.ts'

function setUp() {
  const executions = memoryExecutionStore(memoryStreamLog())
  const workQueue = memoryWorkQueue()
  let now = 1_000
  const sweep = (signal = new AbortController().signal) =>
    sweepExecutions({ executions, workQueue, clock: { now: () => now } }, signal)
  const queued = () => workQueue.sent.map(({ executionId }) => executionId)
  return { executions, workQueue, sweep, queued, at: (time: number) => (now = time) }
}

describe('sweepExecutions', () => {
  it('queues again what waits for longer than its message can take', async () => {
    const { executions, sweep, queued } = setUp()
    const [lost, fresh] = [anExecution(), anExecution()]
    await executions.create(lost, 999)
    await executions.create(fresh, 1_001)

    expect(await sweep()).toBe(1)
    expect(queued()).toEqual([lost.executionId])
  })

  it('queues again what a worker let go of, and leaves alone what one works on', async () => {
    const { executions, sweep, queued } = setUp()
    const [orphan, held] = [anExecution(), anExecution()]
    for (const [record, expiresAt] of [[orphan, 999] as const, [held, 1_001] as const]) {
      await executions.create(record, 0)
      await executions.acquire(record, { owner: 'w', now: 0, expiresAt })
    }

    expect(await sweep()).toBe(1)
    expect(queued()).toEqual([orphan.executionId])
    const taken = await executions.acquire(orphan, { owner: 'next', now: 1_000, expiresAt: 2_000 })
    expect(taken).toMatchObject({ result: 'acquired', record: { attempt: 2, fence: 2 } })
  })

  it('leaves alone what has ended', async () => {
    const { executions, sweep, at } = setUp()
    const record = anExecution()
    await executions.create(record, 0)
    await executions.acquire(record, { owner: 'w', now: 0, expiresAt: 10 })
    await executions.end(record, 1, { status: 'completed', endedAt: '', events: answer(['done'], record.executionId) })
    at(Number.MAX_SAFE_INTEGER)

    expect(await sweep()).toBe(0)
  })

  it('gives what it queued time to start before it queues it once more', async () => {
    const { executions, sweep, queued, at } = setUp()
    const record = anExecution()
    await executions.create(record, 0)
    await sweep()

    at(1_000 + QUEUE_PATIENCE_MS)
    expect(await sweep()).toBe(0)
    at(1_001 + QUEUE_PATIENCE_MS)
    expect(await sweep()).toBe(1)
    expect(queued()).toEqual([record.executionId, record.executionId])
  })

  it('goes through all pages', async () => {
    const { executions, sweep, queued } = setUp()
    for (let count = 0; count < 230; count++) await executions.create(anExecution(), 0)

    expect(await sweep()).toBe(230)
    expect(new Set(queued()).size).toBe(230)
  })

  it('ends between two pages when the signal aborts', async () => {
    const { executions, workQueue, sweep } = setUp()
    for (let count = 0; count < 230; count++) await executions.create(anExecution(), 0)
    const time = new AbortController()
    const { send } = workQueue
    workQueue.send = async (item) => {
      time.abort()
      await send(item)
    }

    expect(await sweep(time.signal)).toBe(100)
    expect(await sweep(time.signal)).toBe(0)
  })

  it('does not put off what could not be queued', async () => {
    const { executions, workQueue, sweep } = setUp()
    const record = anExecution()
    await executions.create(record, 0)
    workQueue.send = () => Promise.reject(new Error('queue is gone'))

    await expect(sweep()).rejects.toThrow('queue is gone')
    expect(await executions.listDue(1_000, 10)).toHaveLength(1)
  })
})
