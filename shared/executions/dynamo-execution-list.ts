import { BatchGetCommand, type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import type { AgentKey } from '#shared/agents/gate.ts'
import { sleep } from '#shared/platform/clock.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { INDEX } from '#shared/platform/names.ts'
import { decodeExecutionCursor, encodeExecutionCursor } from './execution-cursor.ts'
import { agentPartition, executionKey, fromItem } from './execution-item.ts'
import type { ExecutionRecord } from './execution-record.ts'

/** Most items of one BatchGetItem. Source: AWS, API reference. */
const MAX_BATCH = 100
/** Tries for the items that a batch left out: it gives 16 MB at the most, and less when the table is busy. */
const MAX_TRIES = 10
const PAUSE_MS = 50

/** What the index holds. */
const entrySchema = z.object({ pk: z.string(), sk: z.string(), agentSk: z.string() })

/**
 * The executions of an agent, the newest first: the keys from the index, which lags behind, the records from the table, as they are now.
 * Executions that are in the index but no longer in the table are left out.
 */
export async function listExecutions(
  client: DynamoDBDocumentClient,
  table: string,
  agent: AgentKey,
  { limit, after }: { limit: number; after?: string | undefined },
): Promise<{ executions: ExecutionRecord[]; next?: string }> {
  const agentPk = agentPartition(agent)
  const { Items = [], LastEvaluatedKey } = await client.send(
    new QueryCommand({
      TableName: table,
      IndexName: INDEX.agent,
      KeyConditionExpression: 'agentPk = :agent',
      ExpressionAttributeValues: { ':agent': agentPk },
      ...(after !== undefined && { ExclusiveStartKey: startKey(agent, after) }),
      ScanIndexForward: false,
      // One more than asked for tells whether there is a next page.
      Limit: limit + 1,
    }),
  )
  const page = Items.slice(0, limit).map((item) => entrySchema.parse(item))
  const records = await getAll(client, table, page)
  const executions = page.flatMap(({ pk }) => records.get(pk) ?? [])
  const last = page.at(-1)
  const more = Items.length > limit || LastEvaluatedKey !== undefined
  return { executions, ...(last && more && { next: encodeExecutionCursor(last.agentSk) }) }
}

function startKey(agent: AgentKey, after: string): Record<string, string> {
  const { place, executionId } = decodeExecutionCursor(after)
  return { ...executionKey({ tenant: agent.tenant, executionId }), agentPk: agentPartition(agent), agentSk: place }
}

/** @returns what there is, by partition key */
async function getAll(
  client: DynamoDBDocumentClient,
  table: string,
  entries: { pk: string; sk: string }[],
): Promise<Map<string, ExecutionRecord>> {
  const found = new Map<string, ExecutionRecord>()
  let wanted: Record<string, unknown>[] = entries.map(({ pk, sk }) => ({ pk, sk }))
  for (let tries = 0; wanted.length > 0; tries++) {
    if (tries === MAX_TRIES) throw new SluiceError('unavailable', 'the executions table is busy')
    if (tries > 0) await sleep(Math.random() * PAUSE_MS)
    const batch = wanted.slice(0, MAX_BATCH)
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetCommand({ RequestItems: { [table]: { Keys: batch, ConsistentRead: true } } }),
    )
    for (const item of Responses?.[table] ?? []) found.set(String(item.pk), fromItem(item))
    wanted = [...(UnprocessedKeys?.[table]?.Keys ?? []), ...wanted.slice(MAX_BATCH)]
  }
  return found
}
