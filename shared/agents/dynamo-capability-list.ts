import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { capabilitiesKey } from './agent-item.ts'
import { type CapabilityCount, MAX_COUNTED } from './agent-store.ts'

const entrySchema = z.object({ sk: z.string() })

/** Behind all entries of a capability: `$` follows `#`, which ends the name, and comes before every sign of a longer one. */
const behind = (capability: string): string => `${capability}$`

/**
 * Capabilities by name, with how many agents have them. Entries are read a thousand at a time; one capability's are not read beyond that, so the
 * cost follows from the number of capabilities, not of agents.
 */
export async function listCapabilities(
  client: DynamoDBDocumentClient,
  TableName: string,
  tenant: string,
  { limit, after = '' }: { limit: number; after?: string | undefined },
): Promise<CapabilityCount[]> {
  const read = async (start: string) => {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: 'pk = :pk AND sk > :start',
        ExpressionAttributeValues: { ':pk': capabilitiesKey(tenant), ':start': start },
        ProjectionExpression: 'sk',
        ConsistentRead: true,
        Limit: MAX_COUNTED,
      }),
    )
    return { page: Map.groupBy(Items, nameOf), isLast: LastEvaluatedKey === undefined }
  }

  const counts = new Map<string, number>()
  let start: string | undefined = after === '' ? ' ' : behind(after)
  while (start !== undefined && counts.size < limit) {
    const { page, isLast } = await read(start)
    for (const [capability, entries] of page) counts.set(capability, entries.length)
    start = isLast ? undefined : goOn(counts, [...page.keys()])
  }
  return [...counts].slice(0, limit).map(([capability, agents]) => ({ capability, agents }))
}

const nameOf = (entry: unknown): string => entrySchema.parse(entry).sk.split('#', 1)[0] ?? ''

/** Where the next page begins. The last capability of one may go on in the next: it is counted there anew, unless it filled the page by itself. */
function goOn(counts: Map<string, number>, names: string[]): string | undefined {
  const last = names.at(-1)
  if (last === undefined || names.length === 1) return last && behind(last)
  counts.delete(last)
  return last
}
