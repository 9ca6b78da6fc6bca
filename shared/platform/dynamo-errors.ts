import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'

/**
 * DynamoDB's answers, recognised by the error's name, which is stable, never by its text.
 * Source: API reference of TransactWriteItems, "CancellationReasons".
 */
type DynamoError = { name?: string; CancellationReasons?: { Code?: string }[]; Item?: Record<string, AttributeValue> }

export function isConditionFailure(error: unknown): boolean {
  return (error as DynamoError)?.name === 'ConditionalCheckFailedException'
}

/** The item that a failed condition met, where the request asked for it (`ReturnValuesOnConditionCheckFailure`). */
export function itemBefore(error: unknown): Record<string, unknown> | undefined {
  const { Item } = error as DynamoError
  return Item && unmarshall(Item)
}

/** Codes of a cancelled transaction, one for each of its items (`None` where nothing was wrong), or undefined for other errors. */
export function cancellationCodes(error: unknown): string[] | undefined {
  const { name, CancellationReasons = [] } = error as DynamoError
  return name === 'TransactionCanceledException' ? CancellationReasons.map((reason) => reason.Code ?? 'None') : undefined
}

/** Reasons of a cancelled transaction that go away by themselves; the SDK does not repeat a cancelled transaction. */
const PASSING = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'])

/** Another transaction held one of the items, or the table was busy: the same write can be tried again at once. */
export function isTransactionConflict(error: unknown): boolean {
  if ((error as DynamoError)?.name === 'TransactionConflictException') return true
  const codes = cancellationCodes(error)
  return codes?.some((code) => PASSING.has(code)) === true && !codes.includes('ConditionalCheckFailed')
}
