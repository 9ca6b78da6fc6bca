import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import { newId } from '#shared/platform/ids.ts'

/** A record of a queue, as Lambda hands it out. An object is sent as JSON. */
export function aRecord(body: unknown, attributes: Record<string, string> = {}): SQSRecord {
  return {
    messageId: newId(),
    receiptHandle: 'receipt',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '1795253400000',
      SenderId: 'sender',
      ApproximateFirstReceiveTimestamp: '1795253400000',
    },
    messageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, stringValue]) => [name, { dataType: 'String', stringValue }]),
    ),
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:queue',
    awsRegion: 'us-east-1',
  }
}

/** Time that an invocation has, in milliseconds. */
const INVOCATION_MS = 300_000

type BatchHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>

/** Hands a batch to a function; returns the ids of the messages that shall come again. */
export async function failuresOf(handler: BatchHandler, ...Records: SQSRecord[]): Promise<string[]> {
  const context: Partial<Context> = { getRemainingTimeInMillis: () => INVOCATION_MS }
  const { batchItemFailures } = await handler({ Records }, context as Context)
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)
}
