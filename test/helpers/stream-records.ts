import { marshall } from '@aws-sdk/util-dynamodb'
import type { AttributeValue, DynamoDBRecord } from 'aws-lambda'

type Write = { key: { pk: string; sk: string }; before?: Record<string, unknown>; after?: Record<string, unknown> }

const image = (item: Record<string, unknown>): Record<string, AttributeValue> =>
  JSON.parse(JSON.stringify(marshall(item, { removeUndefinedValues: true }), bytesInBase64))

/** What Lambda's events do with binary attributes. */
function bytesInBase64(this: Record<string, unknown>, name: string, value: unknown): unknown {
  const bytes = this[name]
  return bytes instanceof Uint8Array ? Buffer.from(bytes).toString('base64') : value
}

/** A record as a change stream brings it. Sequence numbers are `s-0`, `s-1`, … */
export const aStreamRecord = (index: number, { key, before, after }: Write): DynamoDBRecord => ({
  eventID: `event-${index}`,
  eventName: before ? (after ? 'MODIFY' : 'REMOVE') : 'INSERT',
  dynamodb: {
    ApproximateCreationDateTime: 1_795_253_407,
    Keys: image(key),
    ...(before && { OldImage: image({ ...key, ...before }) }),
    ...(after && { NewImage: image({ ...key, ...after }) }),
    SequenceNumber: `s-${index}`,
    StreamViewType: 'NEW_AND_OLD_IMAGES',
  },
})
