import type { Table } from 'aws-cdk-lib/aws-dynamodb'
import type { SluiceFunction } from './sluice-function.ts'

/** Nobody scans: every read is by key or by index. */
const READ = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:ConditionCheckItem']
const WRITE = ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem']

/** Reads items and key ranges of the table itself. */
export function allowRead(handler: SluiceFunction, table: Table): void {
  handler.allow(READ, table.tableArn)
}

export function allowReadWrite(handler: SluiceFunction, table: Table): void {
  handler.allow([...READ, ...WRITE], table.tableArn)
}

/** Queries one index. */
export function allowIndexQuery(handler: SluiceFunction, table: Table, indexName: string): void {
  handler.allow(['dynamodb:Query'], `${table.tableArn}/index/${indexName}`)
}
