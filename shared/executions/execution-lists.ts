import { INDEX, TENANT_SHARDS } from '#shared/platform/names.ts'
import type { ExecutionList } from './execution-store.ts'
import { listPartition } from './list-keys.ts'

/** A partition of an index. */
export type ListPartition = { indexName: string; attribute: string; value: string }

/** Where the executions of a list are: together they are the list. */
export function partitionsOf({ tenant, of }: ExecutionList): ListPartition[] {
  if (of === undefined)
    return Array.from({ length: TENANT_SHARDS }, (_, shard) => inIndex('tenant', listPartition.tenant(tenant, shard)))
  if ('agentId' in of) return [inIndex('agent', listPartition.agent(tenant, of.agentId))]
  if ('topic' in of) return [inIndex('topic', listPartition.topic(tenant, of.topic))]
  return [inIndex('correlation', listPartition.correlation(tenant, of.correlationId))]
}

const inIndex = (name: keyof typeof listPartition, value: string): ListPartition => ({
  indexName: INDEX[name],
  attribute: `${name}Pk`,
  value,
})
