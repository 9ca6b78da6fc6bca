import { describe, expect, it } from 'vitest'
import { memoryDeliveryQueue } from '#shared/webhooks/memory-delivery-queue.ts'
import { tellCallback } from '../../../../functions/changes/tell-callback.ts'
import { anExecution } from '../../../helpers/executions.ts'

const ended = { status: 'completed' as const, endedAt: '2026-11-21T09:30:00.000Z' }

describe('tellCallback', () => {
  it('queues the callback of an execution that asked for one', async () => {
    const deliveries = memoryDeliveryQueue()
    const record = anExecution({ ...ended, callbackUrl: 'https://example.com/' })

    await tellCallback({ deliveries })(record)

    expect(deliveries.sent).toMatchObject([
      { delivery: { kind: 'callback', executionId: record.executionId, type: 'execution.completed' } },
    ])
  })

  it('does nothing for the others', async () => {
    const deliveries = memoryDeliveryQueue()

    await tellCallback({ deliveries })(anExecution(ended))

    expect(deliveries.sent).toEqual([])
  })
})
