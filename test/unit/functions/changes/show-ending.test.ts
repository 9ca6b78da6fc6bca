import { describe, expect, it } from 'vitest'
import { memoryWorkQueue } from '#shared/messaging/memory-work-queue.ts'
import { showEnding } from '../../../../functions/changes/show-ending.ts'
import { anExecution } from '../../../helpers/executions.ts'

describe('showEnding', () => {
  it.each(['cancelled', 'expired'] as const)('sends what ended as %s to its worker', async (status) => {
    const workQueue = memoryWorkQueue()
    const record = anExecution({ status, worker: 'triage' })

    await showEnding({ workQueue })(record)

    const { tenant, executionId, agentId, worker } = record
    expect(workQueue.sent).toEqual([{ tenant, executionId, agentId, worker }])
  })

  it.each(['completed', 'failed', 'timed_out'] as const)(
    'leaves what ended as %s to the worker that ended it',
    async (status) => {
      const workQueue = memoryWorkQueue()

      await showEnding({ workQueue })(anExecution({ status }))

      expect(workQueue.sent).toEqual([])
    },
  )
})
