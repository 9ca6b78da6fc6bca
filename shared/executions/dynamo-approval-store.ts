import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb'
import { throwAwsError } from '#shared/platform/aws-errors.ts'
import { type Clock, systemClock } from '#shared/platform/clock.ts'
import { encodeCursor } from '#shared/platform/cursor.ts'
import { attributeUpdate } from '#shared/platform/dynamo-update.ts'
import { transactWrite } from '#shared/platform/dynamo-writes.ts'
import { isOver, keptFor } from '#shared/platform/retention.ts'
import type { Approval } from '#shared/protocol/approval.ts'
import {
  approvalKey,
  approvalListKeys,
  approvalPartitions,
  fromApprovalItem,
  idOfApproval,
  toApprovalItem,
} from './approval-item.ts'
import type { ApprovalStore } from './approval-store.ts'
import { newestOf } from './dynamo-execution-list.ts'
import { placesBetween } from './execution-cursor.ts'
import { executionKey } from './execution-item.ts'
import type { ExecutionKey } from './execution-store.ts'

const failure = throwAwsError('the table of approvals')

/**
 * Approvals in the executions table, beside their executions, which are changed in the same transactions.
 *
 * @param options.retentionDays - how long an approval is kept after its end
 */
export function dynamoApprovalStore(
  client: DynamoDBDocumentClient,
  executionsTable: string,
  { retentionDays, clock = systemClock }: { retentionDays: number; clock?: Clock },
): ApprovalStore {
  const TableName = executionsTable

  async function get(tenant: string, approvalId: string): Promise<Approval[]> {
    const Key = approvalKey({ tenant, approvalId })
    const { Item } = await client.send(new GetCommand({ TableName, Key, ConsistentRead: true })).catch(failure)
    return Item && !isOver(Item, clock.now()) ? [fromApprovalItem(Item)] : []
  }

  const getMany = async (tenant: string, ids: readonly string[]): Promise<Approval[]> =>
    (await Promise.all(ids.map((approvalId) => get(tenant, approvalId)))).flat()

  const put = (tenant: string, approval: Approval) => ({
    TableName,
    Item: { ...toApprovalItem(tenant, approval), ...keptFor(retentionDays, Date.parse(approval.expiresAt)) },
    ConditionExpression: 'attribute_not_exists(pk)',
  })

  /** The execution waits for these, too. */
  const wait = (key: ExecutionKey, fence: number, approvals: readonly Approval[]) => ({
    TableName,
    Key: executionKey(key),
    UpdateExpression: 'ADD pendingApprovals :ids',
    ConditionExpression: '#status = :running AND fence = :fence',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: {
      ':ids': new Set(approvals.map(({ approvalId }) => approvalId)),
      ':running': 'running',
      ':fence': fence,
    },
  })

  /** The execution waits for this one no more. */
  const waitNoMore = (key: ExecutionKey, approvalId: string, now: number) => ({
    TableName,
    Key: executionKey(key),
    UpdateExpression: 'SET dueAt = :now DELETE pendingApprovals :ids',
    ConditionExpression: '#status IN (:running, :queued, :waiting)',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: {
      ...{ ':running': 'running', ':queued': 'queued', ':waiting': 'waiting_input' },
      ':now': now,
      ':ids': new Set([approvalId]),
    },
  })

  return {
    async ask(key, fence, approvals) {
      for (let rest = approvals; rest.length > 0; ) {
        const puts = rest.map((approval) => ({ Put: put(key.tenant, approval) }))
        const failed = await transactWrite(client, [...puts, { Update: wait(key, fence, rest) }])
        if (failed.length === 0) break
        if (failed.includes(rest.length)) return 'lost'
        // Those are there: the answer to an earlier try was lost.
        rest = rest.filter((_, index) => !failed.includes(index))
      }
      return 'asked'
    },

    getMany,

    async settle({ tenant, approvalId, executionId }, { now, ...end }) {
      const [approval] = await get(tenant, approvalId)
      if (approval?.status !== 'pending' || approval.executionId !== executionId) return 'changed'
      const change = attributeUpdate({
        ...end,
        ...approvalListKeys(tenant, approval, 'SETTLED'),
        ...keptFor(retentionDays, now),
      })
      const update = {
        TableName,
        Key: approvalKey({ tenant, approvalId }),
        ...change,
        ConditionExpression: '#status = :pending',
        ExpressionAttributeNames: { ...change.ExpressionAttributeNames, '#status': 'status' },
        ExpressionAttributeValues: { ...change.ExpressionAttributeValues, ':pending': 'pending' },
      }
      const items = [{ Update: update }, { Update: waitNoMore({ tenant, executionId }, approvalId, now) }]
      const failed = await transactWrite(client, end.status === 'cancelled' ? items.slice(0, 1) : items)
      return failed.length === 0 ? 'settled' : 'changed'
    },

    async list(list, { limit, after }) {
      const places = placesBetween({ after })
      const query = (partition: ReturnType<typeof approvalPartitions>[number]) =>
        newestOf(client, TableName, { partition, places, limit })
      const found = (await Promise.all(approvalPartitions(list).map(query)).catch(failure)).flat()
      const page = found.sort((one, other) => (one.agentSk < other.agentSk ? 1 : -1)).slice(0, limit)
      const read = await getMany(
        list.tenant,
        page.map(({ pk }) => idOfApproval(pk)),
      )
      const last = page.at(-1)
      return { approvals: read, ...(last && found.length > limit && { next: encodeCursor(last.agentSk) }) }
    },
  }
}
