import type { Context, ScheduledEvent } from 'aws-lambda'
import { describe, expect, it } from 'vitest'
import { memoryExecutionStore } from '#shared/executions/memory-execution-store.ts'
import { memoryWorkQueue } from '#shared/messaging/memory-work-queue.ts'
import { memoryLog } from '#shared/platform/log.ts'
import { memoryStreamLog } from '#shared/streams/memory-stream-log.ts'
import { createHandler } from '../../../../functions/sweep/create-handler.ts'
import { anExecution } from '../../../helpers/executions.ts'

function sweepFunction() {
  const dependencies = {
    executions: memoryExecutionStore(memoryStreamLog()),
    workQueue: memoryWorkQueue(),
    clock: { now: () => 1_000 },
    logger: memoryLog(),
  }
  const sweep = (remainingMs = 60_000) =>
    createHandler(dependencies)({} as ScheduledEvent, { getRemainingTimeInMillis: () => remainingMs } as Context)
  return { ...dependencies, sweep }
}

describe('the function "sweep"', () => {
  it('queues what is due, and tells how much it was', async () => {
    const { sweep, executions, workQueue, logger } = sweepFunction()
    const due = anExecution()
    await executions.create(due, 999)
    await executions.create(anExecution(), 1_001)

    expect(await sweep()).toEqual({ swept: 1 })

    expect(workQueue.sent).toMatchObject([{ tenant: due.tenant, executionId: due.executionId }])
    expect(logger.lines).toEqual([{ level: 'warn', code: 'sweep_done', fields: { swept: 1 } }])
  })

  it('says nothing when nothing is due', async () => {
    const { sweep, logger } = sweepFunction()

    expect(await sweep()).toEqual({ swept: 0 })
    expect(logger.lines).toEqual([])
  })

  it('stops before its own end, and leaves the rest to the next one', async () => {
    const { sweep, executions } = sweepFunction()
    for (let count = 0; count < 250; count++) await executions.create(anExecution(), 0)
    const { listDue } = executions
    executions.listDue = async (now, limit) => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      return listDue(now, limit)
    }

    const { swept } = await sweep(5_010)

    expect(swept).toBe(100)
  })
})
