import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import type { StageConfig } from '../stage-config.ts'
import { removalPolicy } from './removal.ts'

/** Who asked for what and what came of it. No headers and no query: they hold tokens and tickets. */
const COMMON_FIELDS = {
  requestId: '$context.requestId',
  time: '$context.requestTimeEpoch',
  sourceIp: '$context.identity.sourceIp',
  routeKey: '$context.routeKey',
  status: '$context.status',
  integrationError: '$context.integrationErrorMessage',
}

const format = (fields: Record<string, string>) => AccessLogFormat.custom(JSON.stringify(fields))

export const HTTP_LOG_FORMAT = format({
  ...COMMON_FIELDS,
  path: '$context.path',
  responseLength: '$context.responseLength',
  latencyMs: '$context.responseLatency',
})

export const SOCKET_LOG_FORMAT = format({
  ...COMMON_FIELDS,
  connectionId: '$context.connectionId',
  eventType: '$context.eventType',
  latencyMs: '$context.integrationLatency',
})

/** Log group of an API's access log: `/aws/vendedlogs/apigateway/<platform>-<api>`, a prefix that needs no policy of its own. */
export function accessLogGroup(scope: Construct, id: string, config: StageConfig, api: string): LogGroup {
  return new LogGroup(scope, id, {
    logGroupName: `/aws/vendedlogs/apigateway/${config.platform}-${api}`,
    retention: config.logRetentionDays,
    removalPolicy: removalPolicy(config),
  })
}
