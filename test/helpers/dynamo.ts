import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { inject } from 'vitest'
import { CONTRACT_TABLES, dynamoClientFor, type TableNames } from './tables.ts'
import './provided-context.ts'

/** A DynamoDB that a contract test runs on. Its tables are shared by all tests: use fresh ids. */
export type DynamoBackend = {
  name: string
  client: DynamoDBDocumentClient
  tables: TableNames
  /** A client of its own, for tests that break it. */
  connect(): DynamoDBDocumentClient
}

/**
 * Every DynamoDB there is: the emulator, and AWS's own engine where Java and Maven are there.
 *
 * @example
 * describe.each(dynamoBackends())('$name', ({ client, tables }) => storeContract(() => dynamoAgentStore(client, tables.registry)))
 */
export function dynamoBackends(): DynamoBackend[] {
  return inject('dynamoEndpoints').map(({ name, url }) => {
    const connect = () => DynamoDBDocumentClient.from(dynamoClientFor(url), { marshallOptions: { removeUndefinedValues: true } })
    return { name, client: connect(), tables: CONTRACT_TABLES, connect }
  })
}
