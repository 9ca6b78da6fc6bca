import { describe, expect, it } from 'vitest'
import { costOfCalls, createMeter, unitsOf } from '../../../bench/counts/meter.ts'

describe('createMeter', () => {
  it('keeps calls apart by service and operation, and adds up their units', () => {
    const meter = createMeter()

    meter.record('SQS', 'SendMessage', { sqsRequests: 1 })
    meter.record('SQS', 'SendMessage', { sqsRequests: 4 })
    meter.record('DynamoDB', 'PutItem', { dynamodbWriteUnits: 2 })

    expect(meter.calls()).toEqual({
      SQS: { SendMessage: { calls: 2, units: { sqsRequests: 5 } } },
      DynamoDB: { PutItem: { calls: 1, units: { dynamodbWriteUnits: 2 } } },
    })
    expect(unitsOf(meter.calls())).toEqual({ sqsRequests: 5, dynamodbWriteUnits: 2 })
    expect(costOfCalls(meter.calls())).toBeCloseTo(0.000002 + 0.00000125, 15)
  })
})
