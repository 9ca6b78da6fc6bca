import { BatchWriteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import pLimit from 'p-limit'
import { indexItems, toAgentItem } from '#shared/agents/agent-writes.ts'
import { gateItem, gateKey } from '#shared/agents/dynamo-gate-item.ts'
import { newGate } from '#shared/agents/new-gate.ts'
import { toItem } from '#shared/executions/execution-item.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import { dynamoClientFor, type TableNames } from '../../test/helpers/tables.ts'

export const TENANT = 'bench'
/** Every hundredth agent is of this domain and has this capability; each execution is of one of a hundred agents. */
export const DOMAIN = 'underwriting'
export const CAPABILITY = 'risk'
export const TOPIC = 'applications'

/** Most items of one call (DynamoDB quota). */
const BATCH = 25
const CALLS_AT_ONCE = 16

export const agentIdOf = (index: number): string => `agent-${String(index).padStart(6, '0')}`
export const executionIdOf = (index: number): string => `execution-${String(index).padStart(6, '0')}`

/** As many agents and as many executions, as the stores write them. */
export async function fill(url: string, tables: TableNames, size: number): Promise<void> {
  const client = DynamoDBDocumentClient.from(dynamoClientFor(url), { marshallOptions: { removeUndefinedValues: true } })
  const limit = pLimit(CALLS_AT_ONCE)
  const put = (table: string, items: Record<string, unknown>[]): Promise<unknown> =>
    limit(() =>
      client.send(new BatchWriteCommand({ RequestItems: { [table]: items.map((Item) => ({ PutRequest: { Item } })) } })),
    )
  const indexes = Array.from({ length: size }, (_none, index) => index)
  const registry = indexes.flatMap((index) => agentItems(index))
  const executions = indexes.map((index) => toItem(executionOf(index), 0)).map(({ dueShard: _, dueAt: __, ...item }) => item)
  await Promise.all([
    ...batches(registry).map((items) => put(tables.registry, items)),
    ...batches(executions).map((items) => put(tables.executions, items)),
  ])
  client.destroy()
}

function agentItems(index: number): Record<string, unknown>[] {
  const agent = agentOf(index)
  const key = { tenant: TENANT, agentId: agent.agentId }
  return [toAgentItem(TENANT, agent), { ...gateKey(key), ...gateItem(newGate(agent)) }, ...indexItems(TENANT, agent).values()]
}

function agentOf(index: number): Agent {
  const createdAt = timeOf(index)
  return {
    agentId: agentIdOf(index),
    kind: 'llm',
    name: `Agent ${index}`,
    description: 'Reads applications and says what speaks for and against them.',
    topics: [],
    maxConcurrency: 10,
    maxQueue: 10_000,
    ...(index % 100 === 0 && { domain: DOMAIN, capabilities: [CAPABILITY] }),
    llm: { provider: 'openai', model: 'gpt-4.1-mini' },
    prompts: { system: 'You weigh risks.' },
    status: index % 10 === 0 ? 'paused' : 'running',
    health: 'healthy',
    version: 1,
    revision: 1,
    createdAt,
    updatedAt: createdAt,
  }
}

function executionOf(index: number): ExecutionRecord {
  const createdAt = timeOf(index)
  return {
    tenant: TENANT,
    executionId: executionIdOf(index),
    agentId: agentIdOf(index % 100),
    input: { content: 'What speaks for this application, and what against it?' },
    requestHash: '0'.repeat(64),
    priority: 5,
    topic: TOPIC,
    status: index % 10 === 0 ? 'failed' : 'completed',
    attempt: 1,
    nextAttempt: 2,
    fence: 1,
    postedThrough: 12,
    output: { text: 'A steady income speaks for it; a short history speaks against it.' },
    createdAt,
    startedAt: createdAt,
    endedAt: createdAt,
  }
}

/** One a second, the last one now. */
const timeOf = (index: number): string => new Date(Date.now() - 200_000_000 + index * 1_000).toISOString()

function batches<Item>(items: Item[]): Item[][] {
  return Array.from({ length: Math.ceil(items.length / BATCH) }, (_none, index) =>
    items.slice(index * BATCH, (index + 1) * BATCH),
  )
}
