import { isTransactionConflict } from './dynamo-errors.ts'
import { retry } from './retry.ts'

/** Repeats a transaction that met another one, a few times with jitter; other errors pass at once. */
export function retryOnConflict<Result>(transaction: () => Promise<Result>): Promise<Result> {
  return retry(transaction, {
    retries: 5,
    minTimeout: 10,
    maxTimeout: 200,
    randomize: true,
    shouldRetry: ({ error }) => isTransactionConflict(error),
  })
}
