import { INDEX, TENANT_SHARDS } from '#shared/platform/names.ts'
import { shardOf } from '#shared/platform/shard-of.ts'
import { listPlace } from './execution-cursor.ts'
import type { ExecutionRecord } from './execution-record.ts'
import type { ExecutionList } from './execution-store.ts'

/** The indexes that lists of executions are read from. They have one sort key, so a cursor is a place in any of them. */

const partition = {
  agent: (tenant: string, agentId: string) => `T#${tenant}#AGENT#${agentId}`,
  tenant: (tenant: string, shard: number) => `T#${tenant}#EXECUTIONS#${shard}`,
  topic: (tenant: string, topic: string) => `T#${tenant}#TOPIC#${topic}`,
  correlation: (tenant: string, correlationId: string) => `T#${tenant}#CORRELATION#${correlationId}`,
}

/** What an execution has in the indexes; those of a topic and a correlation are sparse. */
export function listKeys(record: ExecutionRecord): Record<string, string | undefined> {
  const { tenant, executionId, agentId, topic, correlationId } = record
  return {
    agentPk: partition.agent(tenant, agentId),
    tenantPk: partition.tenant(tenant, shardOf(executionId, TENANT_SHARDS)),
    topicPk: topic === undefined ? undefined : partition.topic(tenant, topic),
    correlationPk: correlationId === undefined ? undefined : partition.correlation(tenant, correlationId),
    agentSk: listPlace(record),
  }
}

/** A partition of an index. */
export type ListPartition = { indexName: string; attribute: string; value: string }

/** Where the executions of a list are: together they are the list. */
export function partitionsOf({ tenant, of }: ExecutionList): ListPartition[] {
  if (of === undefined)
    return Array.from({ length: TENANT_SHARDS }, (_, shard) => inIndex('tenant', partition.tenant(tenant, shard)))
  if ('agentId' in of) return [inIndex('agent', partition.agent(tenant, of.agentId))]
  if ('topic' in of) return [inIndex('topic', partition.topic(tenant, of.topic))]
  return [inIndex('correlation', partition.correlation(tenant, of.correlationId))]
}

const inIndex = (name: keyof typeof partition, value: string): ListPartition => ({
  indexName: INDEX[name],
  attribute: `${name}Pk`,
  value,
})
