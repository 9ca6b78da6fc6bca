import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
  type GlobalSecondaryIndex,
} from '@aws-sdk/client-dynamodb'
import { INDEX } from '#shared/platform/names.ts'
import { LOCAL_CREDENTIALS } from '../../localstack/environment.ts'

export type TableNames = { registry: string; executions: string; streams: string; audit: string }

const KEYS = {
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  BillingMode: 'PAY_PER_REQUEST',
} satisfies Partial<CreateTableCommandInput>

const index = (name: string, hash: string, range: string): GlobalSecondaryIndex => ({
  IndexName: name,
  KeySchema: [
    { AttributeName: hash, KeyType: 'HASH' },
    { AttributeName: range, KeyType: 'RANGE' },
  ],
  Projection: { ProjectionType: 'KEYS_ONLY' },
})

const DUE_ATTRIBUTES = [
  { AttributeName: 'dueShard', AttributeType: 'S' },
  { AttributeName: 'dueAt', AttributeType: 'N' },
] as const

/** Lists of executions; their sort key is the same. */
const LIST_INDEXES = [INDEX.agent, INDEX.tenant, INDEX.topic, INDEX.correlation]

const DUE_INDEX = index(INDEX.due, 'dueShard', 'dueAt')

/** The tables as the CDK app defines them, for stores that are tested on a bare database. */
export const TABLE_DEFINITIONS: Record<keyof TableNames, Omit<CreateTableCommandInput, 'TableName'>> = {
  registry: {
    ...KEYS,
    AttributeDefinitions: [...KEYS.AttributeDefinitions, ...DUE_ATTRIBUTES],
    GlobalSecondaryIndexes: [DUE_INDEX],
  },
  executions: {
    ...KEYS,
    AttributeDefinitions: [
      ...KEYS.AttributeDefinitions,
      ...DUE_ATTRIBUTES,
      ...LIST_INDEXES.map((name) => ({ AttributeName: `${name}Pk`, AttributeType: 'S' as const })),
      { AttributeName: 'agentSk', AttributeType: 'S' },
    ],
    GlobalSecondaryIndexes: [DUE_INDEX, ...LIST_INDEXES.map((name) => index(name, `${name}Pk`, 'agentSk'))],
  },
  streams: KEYS,
  audit: KEYS,
}

/** Attribute by which items expire, in seconds since the epoch. */
export const TTL_ATTRIBUTE = 'expiresAt'

/** Tables that the contract tests' setup creates in every database. */
export const CONTRACT_TABLES: TableNames = { registry: 'registry', executions: 'executions', streams: 'streams', audit: 'audit' }

/** Low-level client for a local database. */
export const dynamoClientFor = (url: string): DynamoDBClient =>
  new DynamoDBClient({ endpoint: url, region: 'us-east-1', credentials: LOCAL_CREDENTIALS })

/** Without TTL: tests have clocks of their own, and a database that looks at the real one takes away what is "expired" at any moment. */
export async function createTables(client: DynamoDBClient, names: TableNames): Promise<void> {
  for (const table of ['registry', 'executions', 'streams', 'audit'] as const)
    await client.send(new CreateTableCommand({ ...TABLE_DEFINITIONS[table], TableName: names[table] }))
}
