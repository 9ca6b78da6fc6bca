import type { Context, SQSEvent, SQSRecord } from 'aws-lambda'
import { afterEach, describe, expect, it } from 'vitest'
import { memoryDeliverAgain } from '#shared/messaging/memory-deliver-again.ts'
import { guardedFetch } from '#shared/platform/guarded-fetch.ts'
import { memoryLog } from '#shared/platform/log.ts'
import { memoryDeliveryLog } from '#shared/webhooks/memory-delivery-log.ts'
import { memoryDeliveryQueue } from '#shared/webhooks/memory-delivery-queue.ts'
import { memoryWebhookStore } from '#shared/webhooks/memory-webhook-store.ts'
import { signingKeyOf } from '#shared/webhooks/signature.ts'
import { callbackReader } from '../../../../functions/deliver/callback-reader.ts'
import { createHandler } from '../../../../functions/deliver/create-handler.ts'
import { anExecution, memoryWorld } from '../../../helpers/executions.ts'
import { aRecord } from '../../../helpers/sqs-events.ts'
import { aCallback, startReceiver } from '../../../helpers/webhooks.ts'

const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

/** The function over memory, with an execution that wants to be called back. */
async function world(remainingMs = 30_000) {
  const receiver = await startReceiver()
  stops.push(receiver.stop)
  const clock = { now: () => Date.now() }
  const { executions } = memoryWorld(clock)
  const record = anExecution({ callbackUrl: receiver.url })
  await executions.create(record, 0)
  const logger = memoryLog()
  const handler = createHandler({
    fetch: guardedFetch,
    allowPrivate: true,
    deliveries: memoryDeliveryQueue(),
    deliveryLog: memoryDeliveryLog(),
    webhooks: memoryWebhookStore(),
    readCallback: callbackReader(executions),
    signingKey: async (tenant) => signingKeyOf('a-secret-of-at-least-thirty-two-characters', tenant),
    clock,
    deliverAgain: memoryDeliverAgain(),
    logger,
  })
  const context = { getRemainingTimeInMillis: () => remainingMs } as Context
  const failuresOf = async (...Records: SQSRecord[]) => {
    const { batchItemFailures } = await handler({ Records } satisfies SQSEvent, context)
    return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)
  }
  return { record, receiver, logger, failuresOf }
}

describe('deliver', () => {
  it('posts the execution as it is shown, without what is ours', async () => {
    const { record, receiver, failuresOf } = await world()

    const failures = await failuresOf(aRecord(aCallback({ executionId: record.executionId })))

    expect(failures).toEqual([])
    const body = JSON.parse(String(receiver.received[0]?.body))
    expect(body).toMatchObject({ executionId: record.executionId, agentId: 'assistant', status: 'queued' })
    expect(body).not.toHaveProperty('tenant')
    expect(body).not.toHaveProperty('fence')
  })

  it('reads executions of the delivery’s tenant alone', async () => {
    const { record, receiver, failuresOf } = await world()

    expect(await failuresOf(aRecord(aCallback({ executionId: record.executionId, tenant: 'globex' })))).toEqual([])

    expect(receiver.received).toEqual([])
  })

  it('gives back alone what it cannot read', async () => {
    const { record, receiver, failuresOf, logger } = await world()
    const poison = aRecord('{"kind":"mail"}')

    const failures = await failuresOf(poison, aRecord(aCallback({ executionId: record.executionId })))

    expect(failures).toEqual([poison.messageId])
    expect(receiver.received).toHaveLength(1)
    expect(logger.lines).toContainEqual(expect.objectContaining({ level: 'error', code: 'message_retried' }))
  })

  it('leaves what there is no time for', async () => {
    const { record, receiver, failuresOf } = await world(0)
    const message = aRecord(aCallback({ executionId: record.executionId }))

    expect(await failuresOf(message)).toEqual([message.messageId])

    expect(receiver.received).toEqual([])
  })
})
