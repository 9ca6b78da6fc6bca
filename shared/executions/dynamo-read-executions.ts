import { BatchGetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { type Clock, sleep, systemClock } from '#shared/platform/clock.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { isOver } from '#shared/platform/retention.ts'
import { fromItem, RECORD_ATTRIBUTES } from './execution-item.ts'
import type { ExecutionRecord } from './execution-record.ts'
import type { Payload } from './execution-store.ts'

/** Most items of one BatchGetItem. Source: AWS, API reference. */
const MAX_BATCH = 100
/** Tries for the items that a batch left out: it gives 16 MB at the most, and less when the table is busy. */
const MAX_TRIES = 10
const PAUSE_MS = 50

/** An attribute of an input that was not read. */
const NO_INPUT = 'null'

/**
 * Executions as they are now.
 *
 * @param without - what is not read of them
 * @returns what there is and is not over, by partition key
 */
export async function readExecutions(
  client: DynamoDBDocumentClient,
  table: string,
  keys: readonly { pk: string; sk: string }[],
  without: readonly Payload[] = [],
  clock: Clock = systemClock,
): Promise<Map<string, ExecutionRecord>> {
  const projection = without.length > 0 ? attributesBut(without) : undefined
  const found = new Map<string, ExecutionRecord>()
  let wanted: Record<string, unknown>[] = keys.map(({ pk, sk }) => ({ pk, sk }))
  for (let tries = 0; wanted.length > 0; tries++) {
    if (tries === MAX_TRIES) throw new SluiceError('unavailable', 'the executions table is busy')
    if (tries > 0) await sleep(Math.random() * PAUSE_MS)
    const batch = wanted.slice(0, MAX_BATCH)
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetCommand({ RequestItems: { [table]: { Keys: batch, ConsistentRead: true, ...projection } } }),
    )
    const items = (Responses?.[table] ?? []).filter((item) => !isOver(item, clock.now()))
    for (const item of items) found.set(String(item.pk), fromItem({ input: NO_INPUT, ...item }))
    wanted = [...(UnprocessedKeys?.[table]?.Keys ?? []), ...wanted.slice(MAX_BATCH)]
  }
  return found
}

/** A projection, by names that no reserved word can be. */
function attributesBut(without: readonly string[]) {
  const names = ['pk', 'expiresAt', ...RECORD_ATTRIBUTES.filter((name) => !without.includes(name))].map((name) => [
    `#${name}`,
    name,
  ])
  return {
    ProjectionExpression: names.map(([alias]) => alias).join(', '),
    ExpressionAttributeNames: Object.fromEntries(names),
  }
}
