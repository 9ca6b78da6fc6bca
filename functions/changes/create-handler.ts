import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import middy from '@middy/core'
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda'
import type { Change } from '#shared/events/change.ts'
import { decodeChange, type OnUnknown } from '#shared/events/decode-change.ts'
import { type FailedChange, handleChanges } from '#shared/events/handle-changes.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { countChanges } from './count-changes.ts'
import type { ChangesFunctionDependencies } from './dependencies.ts'
import { isOfAudit, sealBatch } from './seal-batch.ts'
import { withoutErased } from './without-erased.ts'

/**
 * Does what follows from the writes to the tables, shard by shard in their order. What fails for now comes again, with all that is behind it;
 * what can never be handled goes to the dead-letter queue, so that it holds up nothing.
 */
export function createHandler(dependencies: ChangesFunctionDependencies) {
  return middy<DynamoDBStreamEvent, DynamoDBBatchResponse>().handler(async ({ Records }) => {
    if (isOfAudit(dependencies, Records)) return sealBatch(dependencies, Records)
    const records = await withoutErased(dependencies, Records)
    const unreadable: FailedChange[] = []
    const changes = records.map((record, index) => {
      try {
        return read(record, (unknown) => dependencies.logger.warn('change_unknown', { keys: record.dynamodb?.Keys, ...unknown }))
      } catch (cause) {
        // Only we write here: it is a mistake of ours, which may be mended in a minute.
        unreadable.push({ index, error: new SluiceError('internal', `the item cannot be read: ${String(cause)}`) })
        return undefined
      }
    })
    const failed = [...unreadable, ...(await handleChanges(dependencies, changes))]
    const again = await refuseForGood(dependencies, records, failed)
    const [first] = again
    // Nothing before it is done, so the batch as a whole is not.
    if (first?.index === 0) throw first.error
    await countChanges(dependencies, changes.slice(0, first?.index))
    return { batchItemFailures: again.map(({ index }) => ({ itemIdentifier: sequenceOf(records[index]) })) }
  })
}

type Image = Record<string, AttributeValue>

function read({ dynamodb = {} }: DynamoDBRecord, onUnknown: OnUnknown): Change | undefined {
  const { Keys = {}, OldImage, NewImage, ApproximateCreationDateTime = 0 } = dynamodb
  const item = (image: unknown) => unmarshall(image as Image)
  const { pk, sk } = item(Keys)
  const write = {
    key: { pk: String(pk), sk: String(sk) },
    before: OldImage && item(OldImage),
    after: NewImage && item(NewImage),
    at: new Date(ApproximateCreationDateTime * 1_000).toISOString(),
  }
  return decodeChange(write, onUnknown)
}

/** How long a change that fails for a reason of our own holds up its shard, in milliseconds: it may be a deployment that is going on. */
const INTERNAL_PATIENCE_MS = 10 * 60_000

/** Whether the same change would fail again whenever it came. */
function isPermanent({ retryable, code }: SluiceError, { dynamodb }: DynamoDBRecord, now: number): boolean {
  if (retryable || code !== 'internal') return !retryable
  return now - (dynamodb?.ApproximateCreationDateTime ?? 0) * 1_000 > INTERNAL_PATIENCE_MS
}

/** @returns those that must come again, by their place */
async function refuseForGood(
  { deadLetters, logger, clock }: ChangesFunctionDependencies,
  records: DynamoDBRecord[],
  failed: FailedChange[],
): Promise<FailedChange[]> {
  const now = clock.now()
  const { again = [], forGood = [] } = Object.groupBy(failed, ({ index, error }) =>
    isPermanent(error, records[index] ?? {}, now) ? 'forGood' : 'again',
  )
  for (const { index, error } of forGood) {
    const { eventID: messageId = '', eventName, dynamodb } = records[index] ?? {}
    const body = JSON.stringify({ eventName, keys: dynamodb?.Keys, sequenceNumber: dynamodb?.SequenceNumber })
    const reason = { code: error.code, detail: error.message }
    await deadLetters.send({ messageId, body, messageAttributes: {} }, reason)
    logger.error('change_refused', { keys: dynamodb?.Keys, ...reason })
  }
  for (const { index, error } of again) {
    logger.warn('change_retried', { keys: records[index]?.dynamodb?.Keys, code: error.code, error })
  }
  return again.toSorted((one, other) => one.index - other.index)
}

const sequenceOf = (record: DynamoDBRecord | undefined): string => String(record?.dynamodb?.SequenceNumber)
