import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { AWS_CLIENT_CONFIG } from './aws-client-config.ts'

/** One document client per container: undefined attributes are left out. */
export function dynamoClient(): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(new DynamoDBClient(AWS_CLIENT_CONFIG), { marshallOptions: { removeUndefinedValues: true } })
}
