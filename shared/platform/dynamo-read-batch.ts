import { BatchGetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { sleep } from './clock.ts'
import { SluiceError } from './errors.ts'

/** Most items of one BatchGetItem. Source: AWS, API reference. */
export const MAX_BATCH = 100
/** Tries for the items that a batch left out: it gives 16 MB at the most, and less when the table is busy. */
const MAX_TRIES = 10
const PAUSE_MS = 50

/**
 * Items by their keys, read consistently; those that are not there are left out.
 *
 * @throws SluiceError `unavailable` when the table is busy
 */
export async function readBatch(
  client: DynamoDBDocumentClient,
  table: string,
  keys: readonly Record<string, unknown>[],
): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = []
  let wanted = [...keys]
  for (let tries = 0; wanted.length > 0; tries++) {
    if (tries === MAX_TRIES) throw new SluiceError('unavailable', 'the table is busy')
    if (tries > 0) await sleep(Math.random() * PAUSE_MS)
    const Keys = wanted.slice(0, MAX_BATCH)
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetCommand({ RequestItems: { [table]: { Keys, ConsistentRead: true } } }),
    )
    found.push(...(Responses?.[table] ?? []))
    wanted = [...(UnprocessedKeys?.[table]?.Keys ?? []), ...wanted.slice(MAX_BATCH)]
  }
  return found
}
