import middy from '@middy/core'
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda'
import pLimit from 'p-limit'
import { toSluiceError } from '#shared/platform/errors.ts'
import { parseConnectionTask } from '#shared/streams/parse-connection-task.ts'
import { handleRecords, type RecordsDependencies } from '../handle-records.ts'
import { type ConnectionChange, decodeChange } from './decode-change.ts'
import { doTask, type TaskDependencies } from './do-task.ts'
import { type ChangeDependencies, handleChange } from './handle-change.ts'

export type ConnectionsFunctionDependencies = TaskDependencies & ChangeDependencies & RecordsDependencies

/** Connections whose changes are handled at once; more would stand in each other's way at the counts. */
const AT_ONCE = 10
/** Time that is left to end well, in milliseconds. */
const MARGIN_MS = 5_000

type Event = SQSEvent | DynamoDBStreamEvent
type Answer = SQSBatchResponse | DynamoDBBatchResponse

/** Takes tasks from the queue, and changes of connections from the streams table. */
export function createHandler(dependencies: ConnectionsFunctionDependencies) {
  return middy<Event, Answer>().handler((event, context) => {
    const signal = AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - MARGIN_MS))
    if (!isOfQueue(event)) return handleChanges(dependencies, event.Records, signal)
    return handleRecords(dependencies, event, context, async ({ body }) =>
      doTask(dependencies, parseConnectionTask(body), signal),
    )
  })
}

const isOfQueue = (event: Event): event is SQSEvent => event.Records.some((record) => 'messageId' in record)

/** In their order for each connection, and connections at once. From the first change that fails on, they come again. */
async function handleChanges(
  dependencies: ConnectionsFunctionDependencies,
  records: DynamoDBRecord[],
  signal: AbortSignal,
): Promise<DynamoDBBatchResponse> {
  const changes = records.flatMap((record, index) => {
    const change = readable(dependencies, record)
    return change ? [{ index, change }] : []
  })
  const limit = pLimit(AT_ONCE)
  const groups = [...Map.groupBy(changes, ({ change }) => connectionOf(change)).values()]
  const failed = await Promise.all(
    groups.map((group) =>
      limit(async () => {
        for (const { index, change } of group) {
          try {
            await handleChange(dependencies, change, signal)
          } catch (error) {
            dependencies.logger.warn('change_retried', { keys: keysOf(records[index]), code: toSluiceError(error).code, error })
            return index
          }
        }
        return records.length
      }),
    ),
  )
  const first = records[Math.min(records.length, ...failed)]
  return { batchItemFailures: first ? [{ itemIdentifier: String(first.dynamodb?.SequenceNumber) }] : [] }
}

/** What cannot be read could not be read later either, and holds up nobody. */
function readable({ logger }: ConnectionsFunctionDependencies, record: DynamoDBRecord): ConnectionChange | undefined {
  try {
    return decodeChange(record)
  } catch (error) {
    logger.error('change_refused', { keys: keysOf(record), error })
    return undefined
  }
}

const connectionOf = (change: ConnectionChange): string =>
  'connection' in change ? change.connection.connectionId : change.follower.connectionId

const keysOf = (record: DynamoDBRecord | undefined): unknown => record?.dynamodb?.Keys
