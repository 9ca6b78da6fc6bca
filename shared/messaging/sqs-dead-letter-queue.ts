import type { DeadLetterQueue } from './dead-letter-queue.ts'
import type { SqsSender } from './sqs-sender.ts'

/** What stands in a message attribute, in UTF-16 code units: attributes count towards the size of the message. */
const MAX_DETAIL_LENGTH = 1_000
/** Characters that SQS refuses (API reference, SendMessage); unpaired surrogates are among them. */
const REFUSED = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu

/** Dead letters on SQS: the body untouched, the reason in the message attributes `code` and `detail`. */
export function sqsDeadLetterQueue(send: SqsSender, queueUrl: string): DeadLetterQueue {
  const text = (value: string) => ({
    DataType: 'String',
    StringValue: value.slice(0, MAX_DETAIL_LENGTH).replace(REFUSED, '\u{FFFD}') || 'none',
  })
  return {
    send: (body, { code, detail }) =>
      send({ QueueUrl: queueUrl, MessageBody: body, MessageAttributes: { code: text(code), detail: text(detail) } }),
  }
}
