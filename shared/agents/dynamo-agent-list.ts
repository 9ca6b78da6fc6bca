import { type DynamoDBDocumentClient, paginateQuery } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { MAX_BATCH, readBatch } from '#shared/platform/dynamo-read-batch.ts'
import { decodeIdCursor } from '#shared/platform/id-cursor.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import { agentKey, agentSortKey, capabilitiesKey, capabilitySortKey, domainKey, fromAgentItem, tenantKey } from './agent-item.ts'
import type { AgentFilter, AgentPageRequest } from './agent-store.ts'
import { type Candidate, needsReading, pageOfAgents } from './page-of-agents.ts'

/** Where the candidates of a list stand: the agents themselves, or entries that name them. */
type Source = { pk: string; prefix: string; holdsAgents: boolean }

const keySchema = z.object({ pk: z.string(), sk: z.string() })

/** A page of a tenant's agents. What it costs follows from the page and the filter, not from how many agents there are. */
export async function listAgents(
  client: DynamoDBDocumentClient,
  table: string,
  tenant: string,
  { limit, after, filter = {} }: AgentPageRequest,
): Promise<{ agents: Agent[]; next?: string }> {
  // One more than asked for tells whether there is a next page.
  const chunk = needsReading(filter) ? MAX_BATCH : Math.min(limit + 1, MAX_BATCH)
  const source = sourceOf(tenant, filter)
  const start = after === undefined ? undefined : { pk: source.pk, sk: source.prefix + decodeIdCursor(after) }
  return pageOfAgents(candidates(client, table, tenant, source, { chunk, start }), limit, filter)
}

function sourceOf(tenant: string, { capability, domain }: AgentFilter): Source {
  if (capability !== undefined)
    return { pk: capabilitiesKey(tenant), prefix: capabilitySortKey(capability, ''), holdsAgents: false }
  if (domain !== undefined) return { pk: domainKey(tenant, domain), prefix: agentSortKey(''), holdsAgents: false }
  return { pk: tenantKey(tenant), prefix: agentSortKey(''), holdsAgents: true }
}

/** Candidates in order, read a chunk at a time, as far as somebody takes them. */
async function* candidates(
  client: DynamoDBDocumentClient,
  TableName: string,
  tenant: string,
  { pk, prefix, holdsAgents }: Source,
  { chunk, start }: { chunk: number; start: Record<string, unknown> | undefined },
): AsyncGenerator<Candidate> {
  const pages = paginateQuery(
    { client, startingToken: start },
    {
      TableName,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: { ':pk': pk, ':prefix': prefix },
      ConsistentRead: true,
      Limit: chunk,
    },
  )
  for await (const { Items = [] } of pages) {
    const ids = Items.map((item) => keySchema.parse(item).sk.slice(prefix.length))
    const items = holdsAgents
      ? Items
      : await readBatch(
          client,
          TableName,
          ids.map((agentId) => agentKey({ tenant, agentId })),
        )
    const agents = new Map(items.map(fromAgentItem).map((agent) => [agent.agentId, agent]))
    for (const agentId of ids) yield { agentId, agent: agents.get(agentId) }
  }
}
