import { describe, expect, it } from 'vitest'
import { cancellationCodes, isConditionFailure, isTransactionConflict, itemBefore } from '#shared/platform/dynamo-errors.ts'

const cancelled = (...codes: (string | undefined)[]) => ({
  name: 'TransactionCanceledException',
  CancellationReasons: codes.map((Code) => (Code === undefined ? {} : { Code })),
})

describe('DynamoDB errors are recognised by name', () => {
  it('a failed condition', () => {
    expect(isConditionFailure({ name: 'ConditionalCheckFailedException' })).toBe(true)
    expect(isConditionFailure({ name: 'Error', message: 'ConditionalCheckFailedException' })).toBe(false)
    expect(isConditionFailure(undefined)).toBe(false)
  })

  it('the item that it met, as plain values', () => {
    expect(itemBefore({ name: 'ConditionalCheckFailedException', Item: { version: { N: '3' } } })).toEqual({ version: 3 })
    expect(itemBefore({ name: 'ConditionalCheckFailedException' })).toBeUndefined()
  })

  it('a cancelled transaction, with one code an item', () => {
    expect(cancellationCodes(cancelled(undefined, 'ConditionalCheckFailed'))).toEqual(['None', 'ConditionalCheckFailed'])
    expect(cancellationCodes({ name: 'TransactionCanceledException' })).toEqual([])
    expect(cancellationCodes({ name: 'ValidationException' })).toBeUndefined()
  })

  it.each([
    ['a single write', { name: 'TransactionConflictException' }, true],
    ['one item of a transaction', cancelled('None', 'TransactionConflict'), true],
    ['an item beside a failed condition', cancelled('ConditionalCheckFailed', 'TransactionConflict'), false],
    ['nothing', cancelled('None', 'ConditionalCheckFailed'), false],
    ['another error', new Error('TransactionConflict'), false],
  ])('a conflict on %s', (_what, error, expected) => {
    expect(isTransactionConflict(error)).toBe(expected)
  })
})
