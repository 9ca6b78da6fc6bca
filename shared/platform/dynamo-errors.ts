/**
 * Recognises DynamoDB's answers by the error's name, which is stable, never by its text.
 * Source: API reference of TransactWriteItems, "CancellationReasons".
 */

type Named = { name?: string; CancellationReasons?: { Code?: string }[]; Item?: Record<string, unknown> }

export function isConditionFailure(error: unknown): boolean {
  return (error as Named)?.name === 'ConditionalCheckFailedException'
}

/** Codes of a cancelled transaction, one for each of its items (`None` where nothing was wrong), or undefined for other errors. */
export function cancellationCodes(error: unknown): string[] | undefined {
  const named = error as Named
  if (named?.name !== 'TransactionCanceledException') return undefined
  return (named.CancellationReasons ?? []).map((reason) => reason.Code ?? 'None')
}

/** Another transaction held one of the items: the same write can be tried again at once. */
export function isTransactionConflict(error: unknown): boolean {
  if ((error as Named)?.name === 'TransactionConflictException') return true
  const codes = cancellationCodes(error)
  return codes?.some((code) => code === 'TransactionConflict') === true && !codes.includes('ConditionalCheckFailed')
}
