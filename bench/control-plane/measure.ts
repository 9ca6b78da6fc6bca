import type { APIGatewayProxyEventV2, Context } from 'aws-lambda'
import { mintToken } from '#shared/access/token.ts'
import { memoryLog } from '#shared/platform/log.ts'
import { memorySecretStore } from '#shared/platform/memory-secret-store.ts'
import { ENV } from '#shared/platform/names.ts'
import { SCOPES } from '#shared/protocol/scopes.ts'
import { LOCAL_CREDENTIALS } from '../../localstack/environment.ts'
import { freePort } from '../../localstack/process/ports.ts'
import { startDynamodbLocal } from '../../test/helpers/dynamodb-local.ts'
import { CONTRACT_TABLES, createTables, dynamoClientFor } from '../../test/helpers/tables.ts'
import { summarise } from '../delays/statistics.ts'
import { type Call, callsOf } from './calls.ts'
import { fill, TENANT } from './fill.ts'
import { type MeteringProxy, startMeteringProxy } from './metering-proxy.ts'

/** One kind of call at one size. Milliseconds; units of one call, on average. */
export type Measured = {
  name: string
  size: number
  p50: number
  p99: number
  calls: number
  readUnits: number
  writeUnits: number
}

/** Calls of each kind before those that count. */
const WARM_UP = 20
const SECRET = 'a-secret-of-at-least-thirty-two-characters'

/** Fills a new database and calls everything, again and again. */
export async function measure(size: number, samples: number): Promise<Measured[]> {
  const database = await startDynamodbLocal(await freePort())
  const proxy = await startMeteringProxy(database.url)
  try {
    const client = dynamoClientFor(database.url)
    await createTables(client, CONTRACT_TABLES)
    client.destroy()
    await fill(database.url, CONTRACT_TABLES, size)
    const call = await callerOf(proxy.url)
    const measured: Measured[] = []
    for (const one of callsOf(size)) measured.push(await measureCall(one, { size, samples, proxy, call }))
    return measured
  } finally {
    await proxy.stop()
    await database.stop()
  }
}

type Setting = { size: number; samples: number; proxy: MeteringProxy; call(call: Call): Promise<void> }

async function measureCall(one: Call, { size, samples, proxy, call }: Setting): Promise<Measured> {
  for (let sample = 0; sample < WARM_UP; sample++) await call(one)
  proxy.take()
  const times: number[] = []
  for (let sample = 0; sample < samples; sample++) {
    const startedAt = performance.now()
    await call(one)
    times.push(performance.now() - startedAt)
  }
  const { calls, readUnits, writeUnits } = proxy.take()
  const { p50, p99 } = summarise(times)
  const perCall = (sum: number): number => Math.round((sum / samples) * 100) / 100
  return { name: one.name, size, p50, p99, calls: perCall(calls), readUnits: perCall(readUnits), writeUnits: perCall(writeUnits) }
}

/** The function over its real adapters; what these calls do not need is not there. */
async function callerOf(databaseUrl: string): Promise<(call: Call) => Promise<void>> {
  Object.assign(process.env, environmentOf(databaseUrl))
  const { createDependencies } = await import('../../functions/http/dependencies.ts')
  const { createHandler } = await import('../../functions/http/create-handler.ts')
  const secrets = memorySecretStore({ 'token-key': SECRET })
  const dependencies = createDependencies()
  const handler = createHandler({ ...dependencies, secrets, tokenSecretName: 'token-key', log: memoryLog() })
  const token = await mintToken({ subject: 'bench', tenant: TENANT, scopes: SCOPES, expiresInSeconds: 3_600 }, SECRET)
  return async (call) => {
    const { statusCode, body } = await handler(eventOf(call, token), {} as Context)
    if (statusCode !== 200) throw new Error(`${call.name}: ${statusCode} ${body}`)
  }
}

/** No limit gets in the way of a measurement. */
const NUMBERS = [
  ENV.maxAgentsPerTenant,
  ENV.executionRetentionDays,
  ENV.conversationRetentionDays,
  ENV.deliveryRetentionDays,
  ENV.auditRetentionDays,
  ENV.failedAttemptsPerMinute,
  ENV.requestsPerMinute,
  ENV.tenantRequestsPerMinute,
  ENV.maxSocketsPerTenant,
  ENV.maxExecutionsPerTenantPerDay,
  ENV.executionTimeoutSeconds,
  ENV.providerTimeoutSeconds,
]
const FLAGS = [ENV.allowPrivateCallbacks]
const LISTS = [ENV.declaredAgents]

/** Names that nothing answers to, where a call needs none. */
function environmentOf(databaseUrl: string): Record<string, string> {
  const { [ENV.oidcProvider]: _, ...names } = Object.fromEntries(Object.values(ENV).map((name) => [name, 'bench']))
  return {
    ...names,
    [ENV.registryTable]: CONTRACT_TABLES.registry,
    [ENV.executionsTable]: CONTRACT_TABLES.executions,
    [ENV.streamsTable]: CONTRACT_TABLES.streams,
    [ENV.auditTable]: CONTRACT_TABLES.audit,
    [ENV.erasureQueueUrl]: 'http://127.0.0.1:1/000000000000/bench-erasures',
    [ENV.workQueueUrl]: 'http://127.0.0.1:1/000000000000/bench-work',
    ...Object.fromEntries(NUMBERS.map((name) => [name, '1000000'])),
    ...Object.fromEntries(FLAGS.map((name) => [name, 'true'])),
    ...Object.fromEntries(LISTS.map((name) => [name, '[]'])),
    [ENV.authentication]: 'on',
    [ENV.metricsEnabled]: 'false',
    [ENV.corsOrigins]: '',
    [ENV.defaultModel]: 'openai/gpt-4.1-mini',
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: databaseUrl,
    AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
    POWERTOOLS_LOG_LEVEL: 'SILENT',
  }
}

function eventOf({ path, query }: Call, token: string): APIGatewayProxyEventV2 {
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: '',
    headers: { authorization: `Bearer ${token}` },
    ...(query && { queryStringParameters: query }),
    requestContext: {
      accountId: '000000000000',
      apiId: 'bench',
      domainName: 'bench',
      domainPrefix: 'bench',
      http: { method: 'GET', path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'bench' },
      requestId: 'bench',
      routeKey: '$default',
      stage: '$default',
      time: '',
      timeEpoch: 0,
    },
    isBase64Encoded: false,
  }
}
