import { TENANT_SHARDS } from '#shared/platform/names.ts'
import { shardOf } from '#shared/platform/shard-of.ts'
import type { ExecutionRecord } from './execution-record.ts'

/** Place of an execution in every list that it is in. Sorts by time of creation, then by id. */
export const listPlace = ({ createdAt, executionId }: { createdAt: string; executionId: string }): string =>
  `${createdAt}#${executionId}`

/** Partitions of the indexes that lists of executions are read from. They have one sort key, so a cursor is a place in any of them. */
export const listPartition = {
  agent: (tenant: string, agentId: string) => `T#${tenant}#AGENT#${agentId}`,
  tenant: (tenant: string, shard: number) => `T#${tenant}#EXECUTIONS#${shard}`,
  topic: (tenant: string, topic: string) => `T#${tenant}#TOPIC#${topic}`,
  correlation: (tenant: string, correlationId: string) => `T#${tenant}#CORRELATION#${correlationId}`,
}

/** What an execution has in the indexes; those of a topic and a correlation are sparse. */
export function listKeys(record: ExecutionRecord): Record<string, string | undefined> {
  const { tenant, executionId, agentId, topic, correlationId } = record
  return {
    agentPk: listPartition.agent(tenant, agentId),
    tenantPk: listPartition.tenant(tenant, shardOf(executionId, TENANT_SHARDS)),
    topicPk: topic === undefined ? undefined : listPartition.topic(tenant, topic),
    correlationPk: correlationId === undefined ? undefined : listPartition.correlation(tenant, correlationId),
    agentSk: listPlace(record),
  }
}
