import {
  CreateBucketCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { BatchWriteCommand, type DynamoDBDocumentClient, PutCommand, paginateScan } from '@aws-sdk/lib-dynamodb'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { dynamoTicketStore } from '#shared/access/dynamo-ticket-store.ts'
import { issueTicket } from '#shared/access/tickets.ts'
import { dynamoAgentStore } from '#shared/agents/dynamo-agent-store.ts'
import { callerConversation } from '#shared/conversations/caller-conversation.ts'
import { dynamoConversationStore } from '#shared/conversations/dynamo-conversation-store.ts'
import { dynamoErasurePlace } from '#shared/erasure/dynamo-erasure-place.ts'
import { dynamoErasureStore } from '#shared/erasure/dynamo-erasure-store.ts'
import { eraseTenant } from '#shared/erasure/erase-tenant.ts'
import { requestErasure } from '#shared/erasure/request-erasure.ts'
import { s3ErasurePlace } from '#shared/erasure/s3-erasure-place.ts'
import { dynamoAdmissionStore } from '#shared/executions/dynamo-admission-store.ts'
import { dynamoExecutionStore } from '#shared/executions/dynamo-execution-store.ts'
import { dynamoTenantGate } from '#shared/limits/dynamo-tenant-gate.ts'
import { principalBucketKey, tenantBucketKey } from '#shared/limits/rate-keys.ts'
import { dynamoTopicStore } from '#shared/messaging/dynamo-topic-store.ts'
import { systemClock } from '#shared/platform/clock.ts'
import { newId } from '#shared/platform/ids.ts'
import { SCOPES } from '#shared/protocol/scopes.ts'
import { dynamoConnectionStore } from '#shared/streams/dynamo-connection-store.ts'
import { dynamoPresenceStore } from '#shared/streams/dynamo-presence-store.ts'
import { dynamoStreamLog } from '#shared/streams/dynamo-stream-log.ts'
import { dynamoSubscriptionStore } from '#shared/streams/dynamo-subscription-store.ts'
import { dynamoDeliveryLog } from '#shared/webhooks/dynamo-delivery-log.ts'
import '../../helpers/provided-context.ts'
import { type DynamoBackend, dynamoBackends } from '../../helpers/dynamo.ts'
import { erasureWorld } from '../../helpers/erasure.ts'
import { anAgent, anEnding, anExecution } from '../../helpers/executions.ts'
import { never } from '../../helpers/llm.ts'
import { aTopic } from '../../helpers/messaging.ts'
import { aChunk } from '../../helpers/streams.ts'
import type { TableNames } from '../../helpers/tables.ts'
import { aCallback } from '../../helpers/webhooks.ts'

const s3 = new S3Client({ endpoint: inject('emulatorUrl'), forcePathStyle: true })
const [ARTIFACTS, EXPORTS] = [`artifacts-${newId()}`, `exports-${newId()}`]
const DAY = '2026-11-21'
const MANY = 60

beforeAll(async () => {
  for (const Bucket of [ARTIFACTS, EXPORTS]) await s3.send(new CreateBucketCommand({ Bucket }))
  const VersioningConfiguration = { Status: 'Enabled' } as const
  await s3.send(new PutBucketVersioningCommand({ Bucket: EXPORTS, VersioningConfiguration }))
})

type Item = Record<string, unknown>

/** Everything that a tenant can have, of every kind: by the stores that write it, and as it lies there where those are many. */
async function plant({ client, tables }: DynamoBackend, tenant: string): Promise<string> {
  const { registry, executions, streams, audit } = tables
  const connectionId = `c-${newId()}`
  const principal = { subject: 'ada', tenant, scopes: SCOPES, expiresAt: Date.now() + 60_000 }

  const stores = {
    executions: dynamoExecutionStore(client, tables, { retentionDays: 30 }),
    log: dynamoStreamLog(client, streams),
    connections: dynamoConnectionStore(client, streams),
    presence: dynamoPresenceStore(client, streams),
  }
  await dynamoAgentStore(client, registry).create(tenant, anAgent({ domain: 'health', capabilities: ['triage'] }))
  await dynamoTopicStore(client, registry).put(tenant, aTopic({ topic: 'questions' }))
  const [waiting, ended] = [anExecution({ tenant }), anExecution({ tenant, topic: 'questions', correlationId: 'c' })]
  for (const record of [waiting, ended]) await stores.executions.create(record, 0)
  await stores.executions.endQueued(ended, anEnding())
  await dynamoConversationStore(client, executions, { retentionDays: 90 }).append(
    callerConversation(tenant, { agentId: 'assistant', source: '/principals/ada', conversationId: 'v' }),
    { place: '1', role: 'user', content: 'secret', at: '2026-11-21T09:30:00.000Z' },
  )
  // Now: what has expired the emulator throws away, in its own time.
  const now = Date.now()
  await dynamoDeliveryLog(client, executions, { retentionDays: 30 }).begin(aCallback({ tenant }), { now, until: now + 1 })
  await stores.log.append({ tenant, channel: 'execution:e' }, [aChunk(0)])
  await stores.connections.put({
    ...{ connectionId, principal, protocol: 'sluice.v1', opening: [], connectedAt: '', greeted: true },
  })
  await stores.connections.addSubscription(connectionId, { tenant, channel: 'topic:questions' })
  await stores.presence.arrive({ tenant, connectionId })
  await issueTicket(principal, { tickets: dynamoTicketStore(client, streams), clock: systemClock })

  const put = (table: string, ...items: Item[]) =>
    Promise.all(items.map((Item) => client.send(new PutCommand({ TableName: table, Item }))))
  await put(
    registry,
    { pk: `T#${tenant}#APIKEYS`, sk: 'KEY#1', hash: 'h' },
    { pk: `APIKEY#${newId()}`, sk: 'KEY', tenant, keyId: '1' },
    { pk: `T#${tenant}#WEBHOOKS`, sk: 'WEBHOOK#1', url: 'https://example.com' },
    { pk: `T#${tenant}#TEMPLATES`, sk: 'TEMPLATE#1' },
  )
  await put(
    executions,
    { pk: `T#${tenant}#IDEMPOTENCY#h`, sk: 'ANSWER' },
    { pk: `T#${tenant}#BATCH#b`, sk: 'BATCH' },
    { pk: `T#${tenant}#METRICS#assistant`, sk: '2026-11-21T09' },
    { pk: `T#${tenant}#USAGE`, sk: `${DAY}#assistant` },
  )
  await put(
    streams,
    { ...principalBucketKey(tenant, 'ada'), wholeAt: 1 },
    { pk: `T#${tenant}#APPENDED#topic:x#m`, sk: 'APPENDED' },
  )
  await put(
    audit,
    { pk: `T#${tenant}#${DAY}`, sk: '2026-11-21T09:30:00.000Z#1', subject: 'ada' },
    { pk: `T#${tenant}#${DAY}`, sk: 'SEAL#000000001' },
    { pk: `T#${tenant}`, sk: `DAY#${DAY}` },
    { pk: `DAY#${DAY}`, sk: `T#${tenant}` },
    { pk: `DAY#${DAY}`, sk: `EXPORTED#${tenant}` },
  )
  await plantMany(client, streams, tenant)
  for (const Key of [`T/${tenant}/messages/1`, `T/${tenant}/agents/assistant/1.json`])
    await s3.send(new PutObjectCommand({ Bucket: ARTIFACTS, Key, Body: 'secret' }))
  for (const Body of ['one', 'two']) await s3.send(new PutObjectCommand({ Bucket: EXPORTS, Key: `T/${tenant}/x/${DAY}`, Body }))
  return connectionId
}

/** More than one batch of deletes. */
async function plantMany(client: DynamoDBDocumentClient, table: string, tenant: string): Promise<void> {
  const items = Array.from({ length: MANY }, (_, number) => ({ pk: `T#${tenant}#LOG#topic:questions`, sk: `x${number}` }))
  for (let from = 0; from < MANY; from += 20) {
    const puts = items.slice(from, from + 20).map((Item) => ({ PutRequest: { Item } }))
    await client.send(new BatchWriteCommand({ RequestItems: { [table]: puts } }))
  }
}

/** All that names tenants, anywhere, for each of them; a name must end where it does. */
async function whatNames(client: DynamoDBDocumentClient, tables: TableNames, tenants: readonly string[]): Promise<string[][]> {
  const names = tenants.map((tenant) => new RegExp(`(?<![A-Za-z0-9_-])${tenant}(?![A-Za-z0-9_-])`))
  const found: string[] = []
  const keep = (texts: string[]) => found.push(...texts.filter((text) => names.some((name) => name.test(text))))
  for (const [table, TableName] of Object.entries(tables)) {
    for await (const { Items = [] } of paginateScan({ client }, { TableName, ConsistentRead: true }))
      keep(Items.map((item) => `${table} ${JSON.stringify(item)}`))
  }
  for (const Bucket of [ARTIFACTS, EXPORTS]) {
    const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }))
    keep([...Versions, ...DeleteMarkers].map(({ Key }) => `${Bucket} ${Key}`))
  }
  return names.map((name) => found.filter((text) => name.test(text)).toSorted())
}

describe.each(dynamoBackends())('erasure of a tenant on $name', (backend) => {
  const { client, tables } = backend

  it('leaves nothing that names it but the mark and the proof, and all that its neighbours have', async () => {
    const tenant = `t${newId().replaceAll('-', '').slice(16)}`
    const neighbours = [`${tenant}-b`, `${tenant}_`, tenant.slice(0, -1)]
    const connectionId = await plant(backend, tenant)
    for (const neighbour of neighbours) await plant(backend, neighbour)
    const [planted = [], ...others] = await whatNames(client, tables, [tenant, ...neighbours])
    const world = erasureWorld(
      [
        ...Object.entries(tables).map(([name, table]) => dynamoErasurePlace(client, name, table)),
        s3ErasurePlace('artifacts', ARTIFACTS, { client: s3 }),
        s3ErasurePlace('auditExports', EXPORTS, { client: s3, isLocked: true }),
      ],
      {
        agents: dynamoAgentStore(client, tables.registry),
        executions: dynamoExecutionStore(client, tables, { retentionDays: 30 }),
        admission: dynamoAdmissionStore(client, tables),
        streamLog: dynamoStreamLog(client, tables.streams),
        subscriptions: dynamoSubscriptionStore(client, tables.streams),
        presence: dynamoPresenceStore(client, tables.streams),
        erasures: dynamoErasureStore(client, tables.registry),
        tenantGate: dynamoTenantGate(client, tables.streams),
      },
    )
    const { dependencies, poster, next } = world

    const ada = { subject: 'ada', tenant, scopes: SCOPES }
    const request = { ...dependencies, defaultTenant: 'default', declaredAgents: [] }
    const { erasureId } = await requestErasure(request, ada, { confirm: tenant })
    for (let id = next(); id !== undefined; id = next()) await eraseTenant(dependencies, id, never())

    const erasure = await dependencies.erasures.get(erasureId)
    expect(planted.length).toBeGreaterThan(MANY + 30)
    expect(erasure).toMatchObject({
      status: 'erased',
      proof: { found: { registry: 0, executions: 0, streams: 0, audit: 0, artifacts: 0, auditExports: 0 } },
    })
    expect(Object.values(erasure?.erased ?? {}).every((count) => count > 0)).toBe(true)
    const [left = [], ...othersLeft] = await whatNames(client, tables, [tenant, ...neighbours])
    expect(left.map((text) => JSON.parse(text.slice(text.indexOf('{'))))).toEqual([
      expect.objectContaining({ pk: `ERASURES#${erasureId}`, tenant }),
      { ...tenantBucketKey(tenant), closed: true },
    ])
    expect(poster.closed).toEqual([connectionId])
    expect(othersLeft).toEqual(others)
  }, 60_000)
})
