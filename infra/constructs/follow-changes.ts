import type { Table } from 'aws-cdk-lib/aws-dynamodb'
import { FilterCriteria, StartingPosition } from 'aws-cdk-lib/aws-lambda'
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources'
import type { IQueue } from 'aws-cdk-lib/aws-sqs'
import { Duration } from 'aws-cdk-lib/core'
import type { SluiceFunction } from './sluice-function.ts'

/** Writes that one invocation takes at most. */
const BATCH_SIZE = 100
/** How long a change is tried again and holds up what is behind it in its shard. A stream keeps it for a day. */
const MAX_AGE = Duration.hours(12)
/** What Lambda needs to read a stream (developer guide of DynamoDB). */
const STREAM_ACTIONS = ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams']

export type FollowedTable = {
  table: Table
  /** Patterns of the writes that the function sees, of which one must match; the others cost nothing. */
  filters: Record<string, unknown>[]
  /** Gets the place in the stream of what could not be handled. */
  failures: IQueue
}

/**
 * Invokes a function with the writes to a table, each shard in its order, at once. A batch that fails comes again, in halves, until its
 * oldest change is {@link MAX_AGE} old.
 */
export function followChanges(handler: SluiceFunction, id: string, { table, filters, failures }: FollowedTable): void {
  const { tableStreamArn } = table
  if (tableStreamArn === undefined) throw new Error(`${table.node.path} has no change stream`)
  handler.allow(
    STREAM_ACTIONS.map((action) => `dynamodb:${action}`),
    tableStreamArn,
  )
  handler.function.addEventSourceMapping(id, {
    eventSourceArn: tableStreamArn,
    startingPosition: StartingPosition.TRIM_HORIZON,
    batchSize: BATCH_SIZE,
    bisectBatchOnError: true,
    reportBatchItemFailures: true,
    maxRecordAge: MAX_AGE,
    onFailure: new SqsDlq(failures),
    filters: filters.map((filter) => FilterCriteria.filter(filter)),
  })
}
