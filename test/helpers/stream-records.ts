import { marshall } from '@aws-sdk/util-dynamodb'
import type { AttributeValue, DynamoDBRecord } from 'aws-lambda'

type Write = { key: { pk: string; sk: string }; before?: Record<string, unknown>; after?: Record<string, unknown> }

const image = (item: Record<string, unknown>): Record<string, AttributeValue> =>
  JSON.parse(JSON.stringify(marshall(item, { removeUndefinedValues: true })))

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
