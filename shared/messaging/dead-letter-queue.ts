import type { SQSRecord } from 'aws-lambda'

/** The part of an SQS record that a dead letter keeps. */
export type RefusedRecord = Pick<SQSRecord, 'messageId' | 'body' | 'messageAttributes'>

/** Where a message goes that can never be handled: as it came, and why. Sent back to its queue, it is the same message. */
export type DeadLetterQueue = {
  send(record: RefusedRecord, reason: { code: string; detail: string }): Promise<void>
}
