import * as z from 'zod'
import { INDEX, TENANT_SHARDS } from '#shared/platform/names.ts'
import { shardOf } from '#shared/platform/shard-of.ts'
import { type Approval, approvalSchema } from '#shared/protocol/approval.ts'
import type { ApprovalKey, ApprovalList } from './approval-store.ts'
import type { ListPartition } from './execution-lists.ts'
import { listPlace } from './list-keys.ts'

/**
 * Approvals as items of the executions table, at `T#<tenant>#APPROVAL#<id>` / `APPROVAL`. They stand in three indexes of executions, in
 * partitions of their own: `agent` has those of an agent, `correlation` those of an execution, `tenant` all. Those that are pending have
 * partitions for themselves, so what there is to do is found among any number of others.
 */
const itemSchema = approvalSchema.omit({ arguments: true, expiresAt: true }).extend({
  // As text: an attribute takes neither all of JSON's numbers nor empty names.
  arguments: z.string(),
  // `expiresAt` is when DynamoDB removes an item.
  validUntil: z.string(),
})

export const approvalKey = ({ tenant, approvalId }: ApprovalKey): { pk: string; sk: string } => ({
  pk: `T#${tenant}#APPROVAL#${approvalId}`,
  sk: 'APPROVAL',
})

/** The indexes hold keys only. */
export const idOfApproval = (pk: string): string => pk.split('#')[3] ?? ''

/** Place of an approval in every list that it is in. */
export const approvalPlace = ({ createdAt, approvalId }: Pick<Approval, 'createdAt' | 'approvalId'>): string =>
  listPlace({ createdAt, executionId: approvalId })

type State = 'PENDING' | 'SETTLED'

const partition = {
  agent: (tenant: string, state: State, agentId: string) => `T#${tenant}#APPROVALS#${state}#AGENT#${agentId}`,
  execution: (tenant: string, state: State, executionId: string) => `T#${tenant}#APPROVALS#${state}#EXEC#${executionId}`,
  tenant: (tenant: string, state: State, shard: number) => `T#${tenant}#APPROVALS#${state}#${shard}`,
}

/** What an approval has in the indexes. */
export const approvalListKeys = (
  tenant: string,
  { approvalId, executionId, agentId }: Pick<Approval, 'approvalId' | 'executionId' | 'agentId'>,
  state: State,
) => ({
  agentPk: partition.agent(tenant, state, agentId),
  correlationPk: partition.execution(tenant, state, executionId),
  tenantPk: partition.tenant(tenant, state, shardOf(approvalId, TENANT_SHARDS)),
})

/** Where the approvals of a list are: together they are the list. */
export function approvalPartitions({ tenant, of, pending }: ApprovalList): ListPartition[] {
  const states: State[] = pending === undefined ? ['PENDING', 'SETTLED'] : [pending ? 'PENDING' : 'SETTLED']
  return states.flatMap((state): ListPartition[] => {
    if (of === undefined)
      return Array.from({ length: TENANT_SHARDS }, (_, shard) => ({
        ...{ indexName: INDEX.tenant, attribute: 'tenantPk', value: partition.tenant(tenant, state, shard) },
      }))
    if ('agentId' in of)
      return [{ indexName: INDEX.agent, attribute: 'agentPk', value: partition.agent(tenant, state, of.agentId) }]
    const value = partition.execution(tenant, state, of.executionId)
    return [{ indexName: INDEX.correlation, attribute: 'correlationPk', value }]
  })
}

export function toApprovalItem(tenant: string, { expiresAt: validUntil, ...approval }: Approval): Record<string, unknown> {
  return {
    ...approvalKey({ tenant, approvalId: approval.approvalId }),
    ...approvalListKeys(tenant, approval, 'PENDING'),
    agentSk: approvalPlace(approval),
    tenant,
    ...approval,
    validUntil,
    arguments: JSON.stringify(approval.arguments),
  }
}

export function fromApprovalItem(item: unknown): Approval {
  const { arguments: given, validUntil: expiresAt, ...approval } = itemSchema.parse(item)
  return { ...approval, arguments: JSON.parse(given), expiresAt }
}
