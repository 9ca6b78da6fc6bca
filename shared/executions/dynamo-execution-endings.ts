import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import type { Clock } from '#shared/platform/clock.ts'
import { type TransactItems, transactWrite } from '#shared/platform/dynamo-writes.ts'
import { keptFor } from '#shared/platform/retention.ts'
import { executionRef } from '#shared/streams/channel-ref.ts'
import { logEntryPut } from '#shared/streams/dynamo-stream-log.ts'
import { NO_LEASE, queuedUpdate, suspensionKey, writerUpdate } from './dynamo-execution-update.ts'
import { type GateUpdate, leaveMailbox, releaseSlot } from './dynamo-gate-updates.ts'
import { mailboxKey } from './dynamo-mailbox-item.ts'
import { readExecution } from './dynamo-read-execution.ts'
import { NOT_DUE } from './execution-item.ts'
import type { Ending } from './execution-record.ts'
import { hasEnded } from './execution-status.ts'
import type { ExecutionKey, ExecutionStore, SlotKey } from './execution-store.ts'
import { toOutputAttribute } from './output-attribute.ts'

/** The moves of executions by which a slot is given back: each is one transaction with the agent's gate. */
export function dynamoExecutionEndings(
  client: DynamoDBDocumentClient,
  tables: { executions: string; streams: string; registry: string },
  { retentionDays, clock }: { retentionDays: number; clock: Clock },
): Pick<ExecutionStore, 'end' | 'endQueued' | 'retryLater'> {
  /** @returns whether all was written: without the gate when it is gone with its agent */
  async function writeWithGate(items: TransactItems, gate: GateUpdate): Promise<boolean> {
    const failed = await transactWrite(client, [...items, { Update: gate }])
    const onlyGateFailed = failed.length === 1 && failed[0] === items.length
    const stillFailed = onlyGateFailed ? await transactWrite(client, items) : failed
    return stillFailed.length === 0
  }

  const kept = () => keptFor(retentionDays, clock.now())

  const slotOf = (key: SlotKey): GateUpdate => releaseSlot(tables.registry, key, key.executionId)

  const logEntry = (key: ExecutionKey, { events }: Ending) => ({
    Put: logEntryPut(tables.streams, executionRef(key), events, clock),
  })

  return {
    async end(key, fence, ending) {
      const update = writerUpdate(tables.executions, key, fence, terminal(ending, kept()))
      if (await writeWithGate([{ Update: update }, logEntry(key, ending)], slotOf(key))) return 'ended'
      // The answer to an earlier try may have been lost: then this writer's ending stands.
      const standing = await readExecution(client, tables.executions, key)
      return standing?.fence === fence && hasEnded(standing.status) ? 'ended' : 'lost'
    },

    async endQueued(record, ending) {
      const { place } = record
      const suspended = record.suspended !== undefined
      const left = { ...terminal(ending, kept()), place: undefined }
      const update = queuedUpdate(tables.executions, record, place, left, { suspended })
      const items = [
        { Update: update },
        logEntry(record, ending),
        ...(suspended ? [{ Delete: { TableName: tables.executions, Key: suspensionKey(record) } }] : []),
      ]
      const written = await (place === undefined
        ? writeWithGate(items, slotOf(record))
        : writeWithGate(
            [...items, { Delete: { TableName: tables.executions, Key: mailboxKey(record, place) } }],
            leaveMailbox(tables.registry, record),
          ))
      if (written) return 'ended'
      const standing = await readExecution(client, tables.executions, record)
      return standing?.status === ending.status && standing.endedAt === ending.endedAt ? 'ended' : 'changed'
    },

    async retryLater(key, fence, { attempt, usage, postedThrough, retryAt, dueAt }) {
      const change = { status: 'queued', attempt, nextAttempt: attempt + 1, usage, postedThrough, retryAt, dueAt, ...NO_LEASE }
      const update = writerUpdate(tables.executions, key, fence, change)
      if (await writeWithGate([{ Update: update }], slotOf(key))) return 'queued'
      const standing = await readExecution(client, tables.executions, key)
      return standing?.status === 'queued' && standing.fence === fence ? 'queued' : 'lost'
    },
  }
}

/** What an ending leaves of an execution. */
const terminal = ({ events: _, output, ...facts }: Ending, kept: { expiresAt: number }) => ({
  ...facts,
  ...kept,
  output: output && toOutputAttribute(output),
  retryAt: undefined,
  suspended: undefined,
  ...NO_LEASE,
  ...NOT_DUE,
})
