import type { Edit } from './direct-imports.ts'

/** Errors that calls on items answer with. Source: DynamoDB's API reference, GetItem to TransactWriteItems, "Errors". */
const OF_ITEMS = [
  'ConditionalCheckFailedException',
  'IdempotentParameterMismatchException',
  'InternalServerError',
  'InvalidEndpointException',
  'ItemCollectionSizeLimitExceededException',
  'ProvisionedThroughputExceededException',
  'ReplicatedWriteConflictException',
  'RequestLimitExceeded',
  'ResourceNotFoundException',
  'ThrottlingException',
  'TransactionCanceledException',
  'TransactionConflictException',
  'TransactionInProgressException',
]

const REGISTRATION = /^n0_registry\.registerError\((\w+)\$, \w+\);$/gm

/**
 * Leaves the errors of backups, exports, imports and tables out of the DynamoDB client (10 kB): its registry mentions all of them, so they cannot be
 * shaken off. An error that is not registered is still thrown, with its name, status and message, as `DynamoDBServiceException`.
 */
export const itemErrorsOnly: Edit = {
  path: /@aws-sdk\/client-dynamodb\/dist-es\/schemas\/schemas_0\.js$/,
  edit: (contents) => contents.replace(REGISTRATION, (line, name: string) => (OF_ITEMS.includes(name) ? line : '')),
}
