import type { MessageAttributeValue } from '@aws-sdk/client-sqs'
import type { SQSMessageAttribute } from 'aws-lambda'
import { MESSAGE_ID_ATTRIBUTE, TENANT_ATTRIBUTE, TOPIC_ATTRIBUTE } from '#shared/platform/names.ts'
import type { DeadLetterQueue, RefusedRecord } from './dead-letter-queue.ts'
import { withinAttributeLimit } from './sqs-message-attributes.ts'
import type { SqsSender } from './sqs-sender.ts'

/** What stands in a message attribute, in UTF-16 code units: attributes count towards the size of the message. */
const MAX_DETAIL_LENGTH = 1_000
/** Characters that SQS refuses (API reference, SendMessage); unpaired surrogates are among them. */
const REFUSED = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu

/** Dead letters on SQS: body and message attributes as they came, the reason in two more, `code` and `detail`. */
export function sqsDeadLetterQueue(send: SqsSender, queueUrl: string): DeadLetterQueue {
  return {
    send: (record, { code, detail }) =>
      send({
        QueueUrl: queueUrl,
        MessageBody: record.body,
        MessageAttributes: withinAttributeLimit(
          { code: text(code), detail: text(detail), ...identityOf(record) },
          sendersOf(record),
        ),
      }),
  }
}

/**
 * What makes it the same message when it comes back: whose it is and for whom, and its first id, because SQS gives it a new one
 * each time.
 */
function identityOf({ messageId, messageAttributes }: RefusedRecord): Record<string, MessageAttributeValue> {
  const kept = [TENANT_ATTRIBUTE, TOPIC_ATTRIBUTE, MESSAGE_ID_ATTRIBUTE].flatMap((name) => {
    const attribute = messageAttributes[name]
    return attribute ? [[name, toSent(attribute)] as const] : []
  })
  return { [MESSAGE_ID_ATTRIBUTE]: text(messageId), ...Object.fromEntries(kept) }
}

const sendersOf = ({ messageAttributes }: RefusedRecord): Record<string, MessageAttributeValue> =>
  Object.fromEntries(Object.entries(messageAttributes).map(([name, attribute]) => [name, toSent(attribute)]))

/** An attribute as it is sent; Lambda hands it out in base64 when it is binary. */
function toSent({ dataType, stringValue, binaryValue }: SQSMessageAttribute): MessageAttributeValue {
  if (binaryValue) return { DataType: dataType, BinaryValue: Buffer.from(binaryValue, 'base64') }
  return { DataType: dataType, StringValue: stringValue }
}

const text = (value: string): MessageAttributeValue => ({
  DataType: 'String',
  StringValue: value.slice(0, MAX_DETAIL_LENGTH).replace(REFUSED, '\u{FFFD}') || 'none',
})
