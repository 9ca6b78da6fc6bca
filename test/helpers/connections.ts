import type { Context, DynamoDBRecord, DynamoDBStreamEvent, SQSEvent } from 'aws-lambda'
import type { VerifiedPrincipal } from '#shared/access/verified-principal.ts'
import { memoryAuditLog } from '#shared/audit/memory-audit-log.ts'
import { memoryExportFiles } from '#shared/audit/memory-export-files.ts'
import { memoryLifecycleBus } from '#shared/events/memory-lifecycle-bus.ts'
import { memoryTenantGate } from '#shared/limits/memory-tenant-gate.ts'
import { memoryDeliverAgain } from '#shared/messaging/memory-deliver-again.ts'
import { memoryLog } from '#shared/platform/log.ts'
import { SCOPES } from '#shared/protocol/scopes.ts'
import { callbackBudget } from '#shared/streams/callback-budget.ts'
import { channelPublisher } from '#shared/streams/channel-publisher.ts'
import type { Connection } from '#shared/streams/connection-store.ts'
import type { ConnectionTask } from '#shared/streams/connection-task-queue.ts'
import { memoryCallbackBudgetStore } from '#shared/streams/memory-callback-budget-store.ts'
import { memoryConnectionPoster } from '#shared/streams/memory-connection-poster.ts'
import { memoryConnectionStore } from '#shared/streams/memory-connection-store.ts'
import { memoryConnectionTaskQueue } from '#shared/streams/memory-connection-task-queue.ts'
import { memoryPresenceStore } from '#shared/streams/memory-presence-store.ts'
import { memoryStreamLog } from '#shared/streams/memory-stream-log.ts'
import { memorySubscriptionStore } from '#shared/streams/memory-subscription-store.ts'
import { memoryDeliveryQueue } from '#shared/webhooks/memory-delivery-queue.ts'
import { memoryWebhookStore } from '#shared/webhooks/memory-webhook-store.ts'
import { type ConnectionsFunctionDependencies, createHandler } from '../../functions/connections/create-handler.ts'
import { aRecord } from './sqs-events.ts'

const START = Date.parse('2026-11-21T09:30:00Z')

export const ada: VerifiedPrincipal = {
  subject: 'ada',
  tenant: 'acme',
  scopes: SCOPES,
  expiresAt: Date.parse('2026-11-21T10:30:00Z'),
}

export const aConnection = (overrides: Partial<Connection> = {}): Connection => ({
  connectionId: 'c1',
  principal: ada,
  protocol: 'sluice.v1',
  opening: [],
  connectedAt: '2026-11-21T09:30:00.000Z',
  greeted: false,
  ...overrides,
})

/** The function `connections` over adapters in memory. @param post - what a post answers; `sent` when absent */
export function connectionsWorker(post?: Parameters<typeof memoryConnectionPoster>[0]) {
  let now = START
  const clock = { now: () => now }
  const log = memoryStreamLog()
  const subscriptions = memorySubscriptionStore(log, clock)
  const poster = memoryConnectionPoster(post)
  const connectionTasks = memoryConnectionTaskQueue()
  const sender = {
    log,
    subscriptions,
    poster,
    callbackBudget: callbackBudget(memoryCallbackBudgetStore(), clock),
    connectionTasks,
    clock,
  }
  const auditLog = memoryAuditLog()
  const auditExporter = { auditReader: auditLog, seals: auditLog, auditExports: auditLog, files: memoryExportFiles(), clock }
  const memory = {
    ...sender,
    connections: memoryConnectionStore(),
    presence: memoryPresenceStore(clock),
    bus: memoryLifecycleBus(),
    channels: channelPublisher(sender),
    deliveries: memoryDeliveryQueue(),
    webhooks: memoryWebhookStore(),
    tenants: memoryTenantGate(),
    auditing: async () => auditExporter,
    deliverAgain: memoryDeliverAgain(),
    logger: memoryLog(),
  }
  const dependencies: ConnectionsFunctionDependencies = memory
  const handler = createHandler(dependencies)
  const context = { getRemainingTimeInMillis: () => 30_000 } as Context
  const failed = ({ batchItemFailures }: { batchItemFailures: { itemIdentifier: string }[] }) =>
    batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)

  return {
    ...memory,
    auditLog,
    auditFiles: auditExporter.files.files,
    later: (milliseconds: number) => {
      now += milliseconds
    },
    /** Does tasks; returns how many must come again. */
    async do(...tasks: (ConnectionTask | string)[]): Promise<number> {
      const Records = tasks.map((task) => aRecord(typeof task === 'string' ? task : JSON.stringify(task)))
      return failed(await handler({ Records } as SQSEvent, context)).length
    },
    /** Sees changes; returns the sequence number from which on they must come again. */
    async see(...Records: DynamoDBRecord[]): Promise<string | undefined> {
      return failed(await handler({ Records } as DynamoDBStreamEvent, context))[0]
    },
  }
}
