import { CloudFormationClient, GetTemplateCommand, paginateListStacks } from '@aws-sdk/client-cloudformation'
import { CloudWatchLogsClient, paginateDescribeLogGroups, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs'
import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb'
import { LambdaClient, paginateListFunctions } from '@aws-sdk/client-lambda'

type ClientOptions = { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } }

/** What somebody could read who may read everything but the secrets: each source as one text. */
export type CloudContents = { tables: string; environments: string; logs: string; templates: string }

/** Everything in the tables, the environments of the functions, the logs, and the templates that were deployed. */
export async function cloudContents(endpointUrl: string, tableNames: readonly string[]): Promise<CloudContents> {
  const aws = { endpoint: endpointUrl, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }
  const [tables, environments, logs, templates] = await Promise.all([
    readTables(aws, tableNames),
    readEnvironments(aws),
    readLogs(aws),
    readTemplates(aws),
  ])
  return { tables, environments, logs, templates }
}

async function readTables(aws: ClientOptions, tableNames: readonly string[]): Promise<string> {
  const client = new DynamoDBClient(aws)
  const items: unknown[] = []
  for (const TableName of tableNames) {
    for await (const { Items = [] } of paginateScan({ client }, { TableName })) items.push(...Items)
  }
  return JSON.stringify(items)
}

async function readEnvironments(aws: ClientOptions): Promise<string> {
  const client = new LambdaClient(aws)
  const functions: unknown[] = []
  for await (const { Functions = [] } of paginateListFunctions({ client }, {})) functions.push(...Functions)
  return JSON.stringify(functions)
}

async function readTemplates(aws: ClientOptions): Promise<string> {
  const client = new CloudFormationClient(aws)
  const templates: unknown[] = []
  for await (const { StackSummaries = [] } of paginateListStacks({ client }, {}))
    for (const { StackName } of StackSummaries)
      templates.push((await client.send(new GetTemplateCommand({ StackName }))).TemplateBody)
  return templates.join('\n')
}

async function readLogs(aws: ClientOptions): Promise<string> {
  const client = new CloudWatchLogsClient(aws)
  const lines: unknown[] = []
  for await (const { logGroups = [] } of paginateDescribeLogGroups({ client }, {})) {
    for (const { logGroupName } of logGroups) {
      for await (const { events = [] } of paginateFilterLogEvents({ client }, { logGroupName })) {
        lines.push(...events.map(({ message }) => message))
      }
    }
  }
  return lines.join('\n')
}
