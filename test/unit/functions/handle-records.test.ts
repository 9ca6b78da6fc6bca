import { describe, expect, it } from 'vitest'
import { memoryDeliverAgain } from '#shared/messaging/memory-deliver-again.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { memoryLog } from '#shared/platform/log.ts'
import { handleRecords } from '../../../functions/handle-records.ts'
import { aRecord, failuresOf } from '../../helpers/sqs-events.ts'

/** A record that was delivered so many times. */
function delivered(times: number, body = 'fails') {
  const record = aRecord(body)
  return { ...record, attributes: { ...record.attributes, ApproximateReceiveCount: String(times) } }
}

function scene(deliverAgain = memoryDeliverAgain()) {
  const logger = memoryLog()
  const handled: string[] = []
  const handler = (...[event, context]: Parameters<Parameters<typeof failuresOf>[0]>) =>
    handleRecords({ deliverAgain, logger }, event, context, async ({ body }) => {
      handled.push(body)
      if (body === 'fails') throw new SluiceError('unavailable', 'the table is busy')
    })
  return { handler, handled, deliverAgain, logger }
}

describe('handleRecords', () => {
  it('has only what failed come again, and soon', async () => {
    const { handler, handled, deliverAgain, logger } = scene()
    const failing = delivered(1)

    expect(await failuresOf(handler, aRecord('one'), failing, aRecord('two'))).toEqual([failing.messageId])

    expect(handled).toEqual(['one', 'fails', 'two'])
    expect(deliverAgain.told).toEqual([{ queueArn: failing.eventSourceARN, receipt: failing.receiptHandle, seconds: 2 }])
    const fields = { messageId: failing.messageId, code: 'unavailable', againInSeconds: 2 }
    expect(logger.lines).toMatchObject([{ level: 'error', code: 'message_retried', fields }])
  })

  it('waits longer from failure to failure, and then as long as the queue hides it', async () => {
    const { handler, deliverAgain } = scene()

    for (const times of [1, 2, 3, 4, 5]) expect(await failuresOf(handler, delivered(times))).toHaveLength(1)

    expect(deliverAgain.told.map(({ seconds }) => seconds)).toEqual([2, 10, 60])
  })

  it('leaves a record to its visibility timeout where the queue cannot be told', async () => {
    const refusing = Object.assign(() => Promise.reject(new SluiceError('unavailable', 'the queue')), { told: [] })
    const { handler, logger } = scene(refusing)
    const failing = delivered(1)

    expect(await failuresOf(handler, failing)).toEqual([failing.messageId])

    expect(logger.lines).toMatchObject([{ code: 'message_retried', fields: { code: 'unavailable', againInSeconds: undefined } }])
  })
})
