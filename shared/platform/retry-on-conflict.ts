import pRetry from 'p-retry'
import { isTransactionConflict } from './dynamo-errors.ts'

/** Repeats a transaction that met another one, a few times with jitter; other errors pass at once. */
export function retryOnConflict<Result>(transaction: () => Promise<Result>): Promise<Result> {
  return pRetry(transaction, {
    retries: 5,
    minTimeout: 10,
    maxTimeout: 200,
    randomize: true,
    shouldRetry: ({ error }) => isTransactionConflict(error),
  })
}
