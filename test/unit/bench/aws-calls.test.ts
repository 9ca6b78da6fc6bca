import { describe, expect, it } from 'vitest'
import { awsCalls } from '../../../bench/counts/aws-calls.ts'
import { createMeter, unitsOf } from '../../../bench/counts/meter.ts'

describe('awsCalls', () => {
  it('charges receiving by size, deleting once, and both more with a message group', () => {
    const meter = createMeter()

    awsCalls(meter).queueDelivery('x'.repeat(65 * 1024), { fair: true })

    expect(meter.calls().SQS).toEqual({
      'ReceiveMessage (poller)': { calls: 1, units: { sqsRequests: 2, sqsFairRequests: 2 } },
      'DeleteMessage (poller)': { calls: 1, units: { sqsRequests: 1, sqsFairRequests: 1 } },
    })
  })

  it('charges requests, frames and open sockets of clients', () => {
    const meter = createMeter()

    awsCalls(meter).httpRequest('{}')
    awsCalls(meter).socketFrame('{}')
    awsCalls(meter).openSocket(61_000)
    awsCalls(meter).busDelivery('{}')

    expect(unitsOf(meter.calls())).toEqual({ httpRequests: 1, socketMessages: 1, socketMinutes: 2, sqsRequests: 1 })
  })
})
