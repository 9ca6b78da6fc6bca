import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import type { AgentKey } from '#shared/agents/gate.ts'
import { fromAwsError } from '#shared/platform/aws-errors.ts'
import { type TransactItems, transactWrite } from '#shared/platform/dynamo-writes.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { AGENT_HEALTH, AGENT_STATUSES } from '#shared/protocol/agent.ts'
import { type AgentCensus, type AgentState, countDifference } from './agent-census.ts'

const stateSchema = z.object({ status: z.enum(AGENT_STATUSES), health: z.enum(AGENT_HEALTH) })
const countsSchema = z.record(z.string(), z.unknown())

/** Writers of one agent that may be overtaken by another: its changes come one after the other, unless they come twice. */
const MAX_TRIES = 3

const partition = (tenant: string): string => `T#${tenant}#CENSUS`
const noteKey = ({ tenant, agentId }: AgentKey) => ({ pk: partition(tenant), sk: `AGENT#${agentId}` })
const countsKey = (tenant: string) => ({ pk: partition(tenant), sk: 'COUNTS' })

/**
 * The census in the executions table. What is counted of an agent stands in an item of its own, written in one transaction with the counts, so
 * that it counts once.
 */
export function dynamoAgentCensus(client: DynamoDBDocumentClient, table: string): AgentCensus {
  const read = async (Key: Record<string, string>, ConsistentRead: boolean): Promise<Record<string, unknown> | undefined> => {
    const command = new GetCommand({ TableName: table, Key, ConsistentRead })
    const { Item } = await client.send(command).catch((error: unknown) => {
      throw fromAwsError(error, 'the table')
    })
    return Item
  }

  return {
    async note(agent, state) {
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const noted = await read(noteKey(agent), true)
        const before = noted && stateSchema.parse(noted)
        if (before?.status === state?.status && before?.health === state?.health) return
        const refused = await transactWrite(client, [noteOf(table, agent, before, state), countOf(table, agent, before, state)])
        if (refused.length === 0) return
      }
      throw new SluiceError('unavailable', `the agent "${agent.agentId}" is being counted by others`)
    },
    async counts(tenant) {
      const counts = countsSchema.parse((await read(countsKey(tenant), false)) ?? {})
      const of = <Name extends string>(kind: string, names: readonly Name[]) =>
        Object.fromEntries(
          names.flatMap((name) => (Number(counts[`${kind}:${name}`]) > 0 ? [[name, Number(counts[`${kind}:${name}`])]] : [])),
        ) as Partial<Record<Name, number>>
      return { statuses: of('status', AGENT_STATUSES), healths: of('health', AGENT_HEALTH) }
    },
  }
}

/** On condition that nobody else has counted the agent in the meantime. */
function noteOf(table: string, agent: AgentKey, before?: AgentState, after?: AgentState): TransactItems[number] {
  const condition = before
    ? {
        ConditionExpression: '#status = :status AND #health = :health',
        ExpressionAttributeNames: { '#status': 'status', '#health': 'health' },
        ExpressionAttributeValues: { ':status': before.status, ':health': before.health },
      }
    : { ConditionExpression: 'attribute_not_exists(pk)' }
  const Key = noteKey(agent)
  if (!after) return { Delete: { TableName: table, Key, ...condition } }
  return { Put: { TableName: table, Item: { ...Key, status: after.status, health: after.health }, ...condition } }
}

function countOf(table: string, { tenant }: AgentKey, before?: AgentState, after?: AgentState): TransactItems[number] {
  const differences = Object.entries(countDifference(before, after))
  return {
    Update: {
      TableName: table,
      Key: countsKey(tenant),
      UpdateExpression: `ADD ${differences.map((_entry, index) => `#${index} :${index}`).join(', ')}`,
      ExpressionAttributeNames: Object.fromEntries(differences.map(([name], index) => [`#${index}`, name])),
      ExpressionAttributeValues: Object.fromEntries(differences.map(([, by], index) => [`:${index}`, by])),
    },
  }
}
