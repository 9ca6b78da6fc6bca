import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { transactWrite } from '#shared/platform/dynamo-writes.ts'
import type { AdmissionStore } from './admission-store.ts'
import { queuedUpdate } from './dynamo-execution-update.ts'
import { admitFromMailbox, enterMailbox } from './dynamo-gate-updates.ts'
import { mailboxItem, mailboxKey } from './dynamo-mailbox-item.ts'
import { readExecution } from './dynamo-read-execution.ts'
import { executionDue, NOT_DUE } from './execution-item.ts'
import { mailboxPlace } from './mailbox-place.ts'

/** Place of the execution within the transactions. */
const EXECUTION = 0

/** The moves into the mailbox, out of it, and within it: each is one transaction with the execution, and with the gate that counts. */
export function dynamoMailboxMoves(
  client: DynamoDBDocumentClient,
  tables: { executions: string; registry: string },
  gate: AdmissionStore['gate'],
): Pick<AdmissionStore, 'park' | 'admitWaiting' | 'changePriority'> {
  const TableName = tables.executions

  return {
    async park(record, { onlyIfFull }) {
      const place = mailboxPlace(record)
      const due = record.expiresAtMs === undefined ? NOT_DUE : executionDue(record, record.expiresAtMs)
      const failed = await transactWrite(client, [
        { Update: queuedUpdate(TableName, record, undefined, { place, ...due }) },
        { Update: enterMailbox(tables.registry, record, onlyIfFull) },
        { Put: { TableName, Item: mailboxItem(record, place) } },
      ])
      if (failed.length === 0) return 'parked'
      if (failed.includes(EXECUTION)) return 'changed'
      return (await gate(record)) ? 'free' : 'missing'
    },

    async admitWaiting(agent, { executionId, place }, { now, dueAt }) {
      const key = { tenant: agent.tenant, executionId }
      const failed = await transactWrite(client, [
        { Update: queuedUpdate(TableName, key, place, { place: undefined, retryAt: undefined, ...executionDue(key, dueAt) }) },
        { Update: admitFromMailbox(tables.registry, agent, executionId, now) },
        { Delete: { TableName, Key: mailboxKey(agent, place) } },
      ])
      if (failed.length === 0) return 'admitted'
      return failed.includes(EXECUTION) ? 'gone' : 'refused'
    },

    async changePriority(record, priority) {
      const place = mailboxPlace({ ...record, priority })
      if (record.place !== undefined && record.place !== place) {
        const failed = await transactWrite(client, [
          { Update: queuedUpdate(TableName, record, record.place, { place, priority }) },
          { Delete: { TableName, Key: mailboxKey(record, record.place) } },
          { Put: { TableName, Item: mailboxItem(record, place) } },
        ])
        if (failed.length === 0) return 'changed'
      }
      // It may be there already: the answer to an earlier try was lost, or the priority is what it was.
      const standing = await readExecution(client, TableName, record)
      return standing?.status === 'queued' && standing.place === place ? 'changed' : 'gone'
    },
  }
}
