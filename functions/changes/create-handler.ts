import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import middy from '@middy/core'
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda'
import type { Change } from '#shared/events/change.ts'
import { decodeChange } from '#shared/events/decode-change.ts'
import { type FailedChange, handleChanges } from '#shared/events/handle-changes.ts'
import { type SluiceError, ValidationError } from '#shared/platform/errors.ts'
import type { ChangesFunctionDependencies } from './dependencies.ts'

/**
 * Does what follows from the writes to the tables, shard by shard in their order. What fails for now comes again, with all that is behind it;
 * what can never be handled goes to the dead-letter queue, so that it holds up nothing.
 */
export function createHandler(dependencies: ChangesFunctionDependencies) {
  return middy<DynamoDBStreamEvent, DynamoDBBatchResponse>().handler(async ({ Records: records }) => {
    const unreadable: FailedChange[] = []
    const changes = records.map((record, index) => {
      try {
        return read(record)
      } catch (cause) {
        unreadable.push({ index, error: new ValidationError(`the item cannot be read: ${String(cause)}`) })
        return undefined
      }
    })
    const failed = [...unreadable, ...(await handleChanges(dependencies, changes))]
    const again = await refuseForGood(dependencies, records, failed)
    const [first] = again
    // Nothing before it is done, so the batch as a whole is not.
    if (first?.index === 0) throw first.error
    return { batchItemFailures: again.map(({ index }) => ({ itemIdentifier: sequenceOf(records[index]) })) }
  })
}

type Image = Record<string, AttributeValue>

function read({ dynamodb = {} }: DynamoDBRecord): Change | undefined {
  const { Keys = {}, OldImage, NewImage, ApproximateCreationDateTime = 0 } = dynamodb
  const item = (image: unknown) => unmarshall(image as Image)
  const { pk, sk } = item(Keys)
  return decodeChange({
    key: { pk: String(pk), sk: String(sk) },
    before: OldImage && item(OldImage),
    after: NewImage && item(NewImage),
    at: new Date(ApproximateCreationDateTime * 1_000).toISOString(),
  })
}

/** Whether the same change would fail again whenever it came. What is our own mistake may be repaired meanwhile. */
const isPermanent = ({ retryable, code }: SluiceError): boolean => !retryable && code !== 'internal'

/** @returns those that must come again, by their place */
async function refuseForGood(
  { deadLetters, logger }: ChangesFunctionDependencies,
  records: DynamoDBRecord[],
  failed: FailedChange[],
): Promise<FailedChange[]> {
  const again = failed.filter(({ error }) => !isPermanent(error))
  for (const { index, error } of failed.filter(({ error }) => isPermanent(error))) {
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
